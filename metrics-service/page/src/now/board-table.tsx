import { useMedia } from "../shell/use-media.ts";
import { NameText } from "../text/name-text.tsx";
import { visibleText } from "../text/visible-text.ts";
import type { Board } from "./board.ts";
import { BoardCell } from "./board-cell.tsx";

interface BoardTableProps {
  readonly board: Board;
  readonly services: readonly string[];
  readonly environments: readonly string[];
}

/** Environments that stand side by side, beyond which the longer side goes down. */
const columnsMax = 5;

/** Services by environments. Few services in many environments stand the other way round; narrow screens get a list. */
export function BoardTable({ board, services, environments }: BoardTableProps) {
  const isNarrow = useMedia("(max-width: 720px)");
  const isTurned =
    environments.length > columnsMax && services.length < environments.length && services.length <= columnsMax;
  return (
    <section aria-labelledby="board">
      <h2 id="board">What runs where</h2>
      {isNarrow ? (
        <BoardList board={board} services={services} environments={environments} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section class="board" aria-label="What runs where, table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{isTurned ? "Environment" : "Service"}</th>
                {(isTurned ? services : environments).map((name) => (
                  <th key={name} scope="col">
                    <NameText name={name} of={isTurned ? "service" : "environment"} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(isTurned ? environments : services).map((row) => (
                <tr key={row}>
                  <th scope="row">
                    <NameText name={row} of={isTurned ? "environment" : "service"} />
                  </th>
                  {(isTurned ? services : environments).map((column) => (
                    <td key={column}>
                      <BoardCell cell={isTurned ? board.cell(column, row) : board.cell(row, column)} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function BoardList({ board, services, environments }: BoardTableProps) {
  return (
    <div class="board-list">
      {services.map((service) => (
        <section key={service} class="card" aria-label={visibleText(service) || "no service"}>
          <h3>
            <NameText name={service} of="service" />
          </h3>
          <dl>
            {environments.map((environment) => {
              const cell = board.cell(service, environment);
              if (cell === undefined) return null;
              return (
                <div key={environment}>
                  <dt>
                    <NameText name={environment} of="environment" />
                  </dt>
                  <dd>
                    <BoardCell cell={cell} />
                  </dd>
                </div>
              );
            })}
          </dl>
        </section>
      ))}
    </div>
  );
}
