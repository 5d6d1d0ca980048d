import { render } from "preact";
import { App } from "./app";
import { appearance } from "./base/appearance";
import { get, post } from "./base/ask";
import { link } from "./base/link";
import "./style/all.css";

const TOKEN = /^#[\w-]{16}$/; // what a one-time link ends with; views are shorter

/** Trade a link's token for a cookie; why this page stays closed, or "". */
async function enter(): Promise<string> {
  if (TOKEN.test(location.hash)) {
    const token = location.hash.slice(1);
    history.replaceState(null, "", "/"); // it is used up, and not for the history
    try {
      await post("/api/enter", { token });
    } catch (error) {
      if (!(await me()).role) return (error as Error).message;
    }
  }
  return (await me()).role ? "" : "This page needs a link of its own. Ask for one where the console runs: each lets in one visitor.";
}

const me = () => get<{ role: string | null; lan: boolean }>("/api/me");

appearance.begin();
const closed = await enter().catch(() => "The console does not answer: is it still running?");
const lan = closed ? false : (await me()).lan;
if (!closed) link.begin();
render(<App closed={closed} lan={lan} />, document.getElementById("app")!);
