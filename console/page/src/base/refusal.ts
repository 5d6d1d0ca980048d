// Why a form was refused, in the words of the form. The server (FastAPI) names fields and rules as programs know them.

interface Wrong {
  type: string;
  loc?: (string | number)[];
  msg: string;
  ctx?: Record<string, unknown>;
}

const FIELDS: Record<string, string> = {
  out: "Its name", data: "The dataset's name", name: "Its name", datasets: "What it learns from", policy: "The policy", task: "The task",
  episodes: "How many", minutes: "How long", steps: "How long", take_s: "The longest take", instruction: "The task's sentence",
  repo_id: "Its name there", tags: "A tag", seed: "The scene",
};

/** A sentence on the first thing that is wrong. */
export function inWords({ type, loc, msg, ctx = {} }: Wrong): string {
  const field = FIELDS[String(loc?.find((part) => String(part) in FIELDS) ?? "")] ?? "What was asked for";
  return `${field} ${rule(type, msg, ctx)}.`;
}

function rule(type: string, msg: string, ctx: Record<string, unknown>): string {
  switch (type) {
    case "string_pattern_mismatch":
      return "is no name here: begin it with a letter or a digit, and use one slash at most";
    case "string_too_long":
      return `is too long: at most ${ctx.max_length} letters`;
    case "greater_than_equal":
      return `is too small: at least ${ctx.ge}`;
    case "greater_than":
      return `is too small: more than ${ctx.gt}`;
    case "less_than_equal":
      return `is too large: at most ${ctx.le}`;
    case "less_than":
      return `is too large: less than ${ctx.lt}`;
    case "int_type": case "int_from_float": case "float_type": case "finite_number":
      return "is missing: type a whole number";
    default:
      return `is not as it should be: ${msg.replace(/^Value error, /, "").replace(/\.$/, "")}`;
  }
}
