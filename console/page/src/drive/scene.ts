// The arm and its table in 3-D, of the simulation's own meshes. Drawn when something has moved.
import { DirectionalLight, Group, HemisphereLight, Mesh, PerspectiveCamera, Scene, WebGLRenderer } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { Stage3D } from "../base/types";
import { Marks } from "./marks";
import { paint, unpack, type Packed } from "./meshes";
import type { Eye } from "./seen";

const SLOW_MS = 200; // between two pictures where the processor draws them, which has other things to do

// It opens from the side of the front camera, a little higher, and so far away that all of the arm's work fits in.
const AWAY = [0.75, 0.26, 0.56], TARGET = [0.15, 0, 0.1], WORK_M = 0.23;

export class Stage {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(34, 1, 0.02, 10);
  private readonly controls: OrbitControls;
  private bodies: Group[] = [];
  private meshes: Mesh[] = [];
  private marks: Marks | null = null;
  private last = "";
  private due = 0;
  private drawn = 0;
  private turned = false; // by a person, who would not like to lose the view
  private readonly pause: number; // between two pictures, in ms

  constructor(canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true }); // the page's ground shows through
    const gl = this.renderer.getContext(), info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
    this.pause = /swiftshader|llvmpipe|software/i.test(name) ? SLOW_MS : 0;
    this.renderer.setPixelRatio(this.pause ? 1 : Math.min(devicePixelRatio, 1.5));
    this.light(this.pause ? 512 : 1536);
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.minDistance = 0.2;
    this.controls.maxDistance = 2.5;
    this.controls.listenToKeyEvents(canvas);
    this.controls.addEventListener("start", () => (this.turned = true));
    this.controls.addEventListener("change", () => this.draw());
    this.reset();
  }

  /** A room's light from everywhere, a lamp whose shadow shows how high things are, and a little from the other side. */
  private light(shadowPixels: number): void {
    const lamp = new DirectionalLight(0xfff4e6, 2.5), other = new DirectionalLight(0xcfe2ff, 0.7);
    lamp.position.set(0.55, -0.5, 1.25);
    other.position.set(-0.5, 0.8, 0.5);
    lamp.castShadow = true;
    lamp.shadow.mapSize.set(shadowPixels, shadowPixels);
    lamp.shadow.radius = 3.5;
    lamp.shadow.normalBias = 0.0012;
    Object.assign(lamp.shadow.camera, { left: -0.55, right: 0.55, top: 0.55, bottom: -0.55, near: 0.4, far: 2.6 });
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.autoUpdate = false; // only when something has moved
    this.scene.add(new HemisphereLight(0xffffff, 0xa89a88, 1.25), lamp, other);
  }

  reset(): void {
    this.turned = false;
    this.fit();
  }

  private fit(): void {
    const narrow = Math.min(1, this.camera.aspect), half = ((this.camera.fov / 2) * Math.PI) / 180;
    const away = WORK_M / Math.sin(Math.atan(Math.tan(half) * narrow)), long = Math.hypot(...AWAY);
    this.camera.position.fromArray(AWAY.map((at, i) => TARGET[i] + (at / long) * away));
    this.controls.target.fromArray(TARGET);
    this.controls.update();
  }

  /** Where it is looked at from; null while it is not shown. */
  eye(): Eye | null {
    if (!this.renderer.domElement.clientWidth) return null;
    const { x, y, z } = this.camera.position.clone().sub(this.controls.target).normalize();
    return [x, y, z];
  }

  build(found: Stage3D, packed: Packed): void {
    this.clear();
    this.bodies = found.bodies.map(() => new Group());
    this.meshes = unpack(packed, () => this.draw());
    this.meshes.forEach((mesh, i) => this.bodies[found.geoms[i].body].add(mesh));
    this.marks = new Marks(found.tip, found.reach);
    this.scene.add(...this.bodies, this.marks);
    this.paint(found);
  }

  /** Give everything the colours of another scene. */
  paint(found: Stage3D): void {
    this.meshes.forEach((mesh, i) => paint(mesh, found.geoms[i]));
    this.last = "";
  }

  pose(poses: number[][], driving: boolean): void {
    const now = JSON.stringify([poses, driving]);
    if (now === this.last || !this.marks || poses.length !== this.bodies.length) return;
    this.last = now;
    poses.forEach(([px, py, pz, w, x, y, z], body) => {
      this.bodies[body].position.set(px, py, pz);
      this.bodies[body].quaternion.set(x, y, z, w);
    });
    this.marks.visible = driving;
    this.marks.follow(this.bodies);
    this.renderer.shadowMap.needsUpdate = true;
    this.draw();
  }

  size(width: number, height: number): void {
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    if (!this.turned) this.fit();
    this.draw();
  }

  close(): void {
    clearTimeout(this.due);
    this.clear();
    this.controls.dispose();
    this.renderer.dispose();
  }

  private clear(): void {
    this.scene.remove(...this.bodies, ...(this.marks ? [this.marks] : []));
    for (const { geometry, material } of this.meshes) {
      geometry.dispose();
      for (const each of [material].flat()) each.dispose();
    }
  }

  private draw(): void {
    this.due ||= window.setTimeout(() => requestAnimationFrame(() => this.drawNow()), Math.max(0, this.drawn + this.pause - performance.now()));
  }

  private drawNow(): void {
    [this.due, this.drawn] = [0, performance.now()];
    this.renderer.domElement.dataset.eye = this.eye()?.map((at) => at.toFixed(3)).join(" ") ?? "";
    if (this.renderer.domElement.clientWidth) this.renderer.render(this.scene, this.camera); // else it is not shown
  }
}
