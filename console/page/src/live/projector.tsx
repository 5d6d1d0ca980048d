// Projector: what a class has to see, large: the arm, the pictures, who drives, the task and the score.
import type { About, Me, News } from "../base/types";
import { Cameras } from "../drive/cameras";
import { View3D } from "../drive/views";
import { whoDrives } from "../frame/header";

export function Projector({ me, about, news }: { me: Me; about: About; news: News }) {
  return (
    <main class="projector">
      <View3D key={about.task} />
      <Cameras about={about} />
      <section class="panel" aria-label="For everybody">
        <p class="large">{about.instruction ?? news.arm.lesson?.dataset ?? about.task}</p>
        <p class="large" role="status"><b>{news.arm.stopped ? "STOP" : whoDrives(me, news)}</b></p>
        <p class="large" data-score>{score(news)}</p>
      </section>
    </main>
  );
}

/** How it stands, in a few words. */
function score({ arm: { lesson, attempt }, twin }: News): string {
  if (attempt && attempt.phase !== "over") return `${attempt.successes} of ${attempt.ended} done, ${attempt.wanted} wanted`;
  if (lesson && lesson.phase === "recording") return `Recording, ${Math.ceil(lesson.left_s ?? 0)} s left`;
  if (lesson && lesson.phase !== "over") return lesson.kept === 1 ? "1 take kept" : `${lesson.kept} takes kept`;
  return twin?.success ? "Done!" : attempt?.ended ? `${attempt.policy}: ${attempt.successes} of ${attempt.ended} done` : "";
}
