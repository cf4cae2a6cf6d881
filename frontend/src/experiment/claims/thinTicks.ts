// As many as a low chart has room for.
const MOST = 5;

/** The ticks of a logarithmic axis that fit into a low chart: powers of ten where two or more are among them. */
export function thinTicks(tickvals: readonly number[], ticktext: readonly string[]) {
  const all = tickvals.map((value, index) => ({ value, text: ticktext[index] ?? "" }));
  if (all.length <= MOST) return { tickvals: [...tickvals], ticktext: [...ticktext] };
  const powers = all.filter(
    ({ value }) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9,
  );
  const kept = powers.length > 1 ? powers : all;
  const every = Math.ceil(kept.length / MOST);
  const thin = kept.filter((_, index) => index % every === 0);
  return { tickvals: thin.map(({ value }) => value), ticktext: thin.map(({ text }) => text) };
}
