import type { Line } from "../text/read-lines.ts";
import { type ParsedLine, parseEventLine } from "./event-line.ts";
import { SpreadJson } from "./spread-json.ts";
import { typeProblem } from "./type-problem.ts";

/** Types that are warned of. A producer that invents one for each event would fill the terminal. */
const warnedTypesMax = 20;
/** Types whose check is kept, because most inputs repeat a few. */
const checkedTypesMax = 100;

/** Options of `EventLines`. */
export interface EventLinesOptions {
  /** Refuse an event whose type looks misspelt. */
  readonly strict: boolean;
  /** Deployment of the events that name none. */
  readonly deploymentId?: string | undefined;
}

/** Parses the lines of one input in order. Notices JSON over several lines and types that look misspelt. */
export class EventLines {
  readonly #options: EventLinesOptions;
  readonly #spread = new SpreadJson();
  readonly #checkedTypes = new Map<string, string | undefined>();
  readonly #warnedTypes = new Set<string>();

  constructor(options: EventLinesOptions) {
    this.#options = options;
  }

  /** Parses the next line. */
  parse(line: Line): ParsedLine {
    const parsed = this.#placed(parseEventLine(line));
    const text = line.kind === "text" ? line.text : "";
    if (this.#spread.continues(text, parsed.kind === "event")) return { kind: "part" };
    if (parsed.kind === "event") return this.#checked(parsed);
    if (parsed.kind !== "bad") return parsed;
    const problem = this.#spread.begin(text);
    return problem === undefined ? parsed : { kind: "bad", problem };
  }

  #placed(parsed: ParsedLine): ParsedLine {
    const { deploymentId } = this.#options;
    if (parsed.kind !== "event" || deploymentId === undefined || parsed.event.deploymentId !== "") return parsed;
    return { ...parsed, event: { ...parsed.event, deploymentId } };
  }

  #checked(parsed: Extract<ParsedLine, { kind: "event" }>): ParsedLine {
    const { type } = parsed.event;
    const problem = this.#problemOf(type);
    if (problem === undefined) return parsed;
    if (this.#options.strict) return { kind: "bad", problem: `type: ${problem}` };
    if (this.#warnedTypes.has(type) || this.#warnedTypes.size >= warnedTypesMax) return parsed;
    this.#warnedTypes.add(type);
    return { ...parsed, warning: problem };
  }

  #problemOf(type: string): string | undefined {
    if (this.#checkedTypes.has(type)) return this.#checkedTypes.get(type);
    const problem = typeProblem(type);
    if (this.#checkedTypes.size < checkedTypesMax) this.#checkedTypes.set(type, problem);
    return problem;
  }
}
