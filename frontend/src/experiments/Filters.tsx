import { CloseButton, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { State } from "../api/queries";
import classes from "./list.module.css";
import { STATES } from "./search";

const route = getRouteApi("/");

/** Search, state and tag, kept in the search parameters. */
export function Filters({ searchField }: { searchField: RefObject<HTMLInputElement | null> }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(search.text ?? "");
  const change = (part: typeof search) =>
    void navigate({ search: (old) => ({ ...old, ...part, page: undefined }), replace: true });
  // The field's own changes return through the address after a delay; only changes from elsewhere are taken over.
  const sent = useRef<string[]>([]);
  useEffect(() => {
    const given = search.text ?? "";
    const own = sent.current.indexOf(given);
    sent.current = own < 0 ? [] : sent.current.slice(own + 1);
    if (own < 0) setText(given);
  }, [search.text]);
  const changeText = useDebouncedCallback((value: string) => {
    if (value !== (search.text ?? "")) sent.current.push(value);
    change({ text: value || undefined });
  }, 250);
  const write = (value: string) => {
    setText(value);
    changeText(value);
  };
  return (
    <search className={classes.filters}>
      <TextInput
        ref={searchField}
        className={classes.searchField}
        aria-label="Search by name, notes or tag"
        placeholder="Search by name, notes or tag"
        leftSection={<IconSearch size={16} />}
        rightSection={
          text ? (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => write("")} />
          ) : (
            <kbd className="rl-key">/</kbd>
          )
        }
        value={text}
        maxLength={200}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      <NativeSelect
        aria-label="Filter by state"
        value={search.state ?? ""}
        onChange={(event) => change({ state: (event.currentTarget.value || undefined) as State | undefined })}
        data={[
          { value: "", label: "All states" },
          ...STATES.map((state) => ({ value: state, label: state })),
        ]}
      />
      {search.tag && (
        <span className={classes.activeTag}>
          tag: <bdi>{search.tag}</bdi>
          <CloseButton
            size="xs"
            aria-label={`Remove the filter by tag ${search.tag}`}
            onClick={() => change({ tag: undefined })}
          />
        </span>
      )}
    </search>
  );
}
