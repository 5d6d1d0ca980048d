// Questions and orders over HTTP; what is refused is an error in words.
export async function post<T>(path: string, body: object = {}): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return told<T>(answer);
}

/** What an answer holds; if it is a refusal, its reason as an error. */
async function told<T>(answer: Response): Promise<T> {
  const found = await answer.json().catch(() => ({ detail: "" }));
  if (answer.ok) return found as T;
  const words = typeof found.detail === "string" ? found.detail : "";
  throw new Error(words || `It was refused (${answer.status}).`);
}

export async function get<T>(path: string): Promise<T> {
  return told<T>(await fetch(path));
}
