// The meshes of the simulation, unpacked (console/armchair/web/drive/packed_meshes.py), and their surfaces.
import { BufferAttribute, BufferGeometry, Color, Mesh, MeshStandardMaterial, Texture } from "three";
import type { Surface } from "../base/types";

export interface Packed {
  unit: number; // of a position, in metres
  meshes: { positions: string; normals: string; faces: string; uvs?: string }[];
  top: string; // the picture of the table's top, a JPEG
}

const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function geometry({ positions, normals, faces, uvs }: Packed["meshes"][number], unit: number): BufferGeometry {
  const made = new BufferGeometry();
  const floats = (numbers: ArrayLike<number>, factor: number) => Float32Array.from(numbers, (each) => each * factor);
  made.setAttribute("position", new BufferAttribute(floats(new Int16Array(bytes(positions).buffer), unit), 3));
  made.setAttribute("normal", new BufferAttribute(floats(new Int8Array(bytes(normals).buffer), 1 / 127), 3));
  if (uvs) made.setAttribute("uv", new BufferAttribute(floats(new Uint16Array(bytes(uvs).buffer), 1 / 65535), 2));
  made.setIndex(new BufferAttribute(new Uint16Array(bytes(faces).buffer), 1));
  return made;
}

/** Unpack all meshes; `drawn` is called when the table's picture is there, too. */
export function unpack({ unit, meshes, top }: Packed, drawn: () => void): Mesh[] {
  const texture = new Texture();
  texture.colorSpace = "srgb";
  texture.flipY = false;
  texture.anisotropy = 4;
  void createImageBitmap(new Blob([bytes(top)], { type: "image/jpeg" })).then((picture) => {
    texture.image = picture;
    texture.needsUpdate = true;
    drawn();
  });
  return meshes.map((packed) => {
    const mesh = new Mesh(geometry(packed, unit), new MeshStandardMaterial({ map: packed.uvs ? texture : null }));
    mesh.castShadow = !packed.uvs; // the table's top
    mesh.receiveShadow = true;
    return mesh;
  });
}

const METALLIC = 0.35; // at most: there is nothing around that metal could reflect

export function paint(mesh: Mesh, { rgba: [r, g, b], roughness, metallic }: Surface): void {
  const material = mesh.material as MeshStandardMaterial;
  material.color = new Color().setRGB(r, g, b, "srgb");
  [material.roughness, material.metalness] = [roughness, metallic * METALLIC];
}
