import { useEffect, useRef } from "react";
import type { Schemas } from "../../api/client";
import { formatGeneral } from "../../text/rounding";
import classes from "./preview.module.css";

type Dataset = Schemas["Dataset"];
type Images = Schemas["ImagePreview"];
type Points = Schemas["PointPreview"];
type Rows = Schemas["RowPreview"];

// Colours of classes, unlike those of strengths: classes have no order.
const CLASS_COLOURS = ["var(--rl-accent)", "light-dark(#8a6d1f, #d6b45a)", "light-dark(#5a5f69, #aab0bb)"];

/** A preview of a data set: images, points or rows. */
export function DatasetPreview({ dataset }: { dataset: Dataset }) {
  const { preview } = dataset;
  if (preview == null) return null;
  if (preview.kind === "images")
    return <ImageStrip preview={preview} classNames={dataset.class_names ?? []} />;
  if (preview.kind === "points")
    return <Scatter preview={preview} size={190} label={`${dataset.label}: the points`} />;
  return <RowTable preview={preview} dataset={dataset} />;
}

/** A thumbnail for a data set's card. */
export function Thumbnail({ dataset }: { dataset: Dataset }) {
  const { preview } = dataset;
  if (preview?.kind === "images" && preview.images[0])
    return <Pixels image={preview.images[0]} maximum={preview.maximum} className={classes.thumbnail} />;
  if (preview?.kind === "points") return <Scatter preview={preview} size={44} />;
  return <Glyph shape={dataset.shape} />;
}

function ImageStrip({ preview, classNames }: { preview: Images; classNames: string[] }) {
  return (
    <div className={classes.strip}>
      {preview.images.slice(0, 10).map((image, index) => {
        const label = preview.labels[index] ?? index;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pictures never change places
          <figure key={index}>
            <Pixels image={image} maximum={preview.maximum} className={classes.pixels} />
            <figcaption>{classNames[label] ?? label}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}

function Pixels({ image, maximum, className }: { image: number[][]; maximum: number; className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height, width] = [image.length, image[0]?.length ?? 0];
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || width === 0) return;
    const pixels = context.createImageData(width, height);
    image.flat().forEach((value, index) => {
      pixels.data.set([0, 0, 0, Math.round((255 * value) / maximum)], 4 * index);
    });
    context.putImageData(pixels, 0, 0);
  }, [image, maximum, width, height]);
  return <canvas ref={canvas} width={width} height={height} className={className} aria-hidden />;
}

function Scatter({ preview, size, label }: { preview: Points; size: number; label?: string }) {
  const xs = preview.points.map(([x]) => x);
  const ys = preview.points.map(([, y]) => y);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = (value: number, from: number, to: number) => 6 + (88 * (value - from)) / (to - from || 1);
  const radius = size < 100 ? 3.4 : 1.7;
  return (
    <svg
      viewBox="0 0 100 100"
      width={size}
      height={size}
      className={label ? classes.scatter : classes.thumbnail}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {preview.points.map(([x, y], index) => (
        <circle
          // biome-ignore lint/suspicious/noArrayIndexKey: the points never change places
          key={index}
          cx={place(x, left, right)}
          cy={100 - place(y, low, high)}
          r={radius}
          fill={CLASS_COLOURS[(preview.labels[index] ?? 0) % CLASS_COLOURS.length]}
          fillOpacity={0.8}
        />
      ))}
    </svg>
  );
}

function RowTable({ preview, dataset }: { preview: Rows; dataset: Dataset }) {
  const names = dataset.class_names ?? [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className={classes.rows} aria-label={`${dataset.label}: some rows`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{dataset.task === "regression" ? "target" : "class"}</th>
            {preview.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => {
            const target = preview.targets[index] ?? 0;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows never change places
              <tr key={index}>
                <td>
                  {dataset.task === "regression" ? formatGeneral(target, 4) : (names[target] ?? target)}
                </td>
                {row.map((value, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: nor do the columns
                  <td key={column}>{formatGeneral(value, 3)}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

// A placeholder: a grid for images, lines for rows.
function Glyph({ shape }: { shape: number[] }) {
  const isImage = shape.length === 3;
  return (
    <svg viewBox="0 0 44 44" className={classes.thumbnail} aria-hidden>
      {[0, 1, 2, 3].map((row) =>
        isImage ? (
          [0, 1, 2, 3].map((column) => (
            <rect
              key={`${row}-${column}`}
              x={6 + 8 * column}
              y={6 + 8 * row}
              width={7}
              height={7}
              rx={1}
              fill="currentColor"
              opacity={0.12 + 0.16 * ((row * 3 + column * 5) % 4)}
            />
          ))
        ) : (
          <rect
            key={row}
            x={6}
            y={8 + 8 * row}
            width={row === 0 ? 32 : 26 - 4 * (row % 2)}
            height={3.5}
            rx={1.7}
            fill="currentColor"
            opacity={row === 0 ? 0.6 : 0.28}
          />
        ),
      )}
    </svg>
  );
}
