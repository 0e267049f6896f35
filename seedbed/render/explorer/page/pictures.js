/* Thumbnails: parts of sheets that hold 16 seeds by 16 prompts, decoded when first shown. */
"use strict";

const SHEETS = new Map(); // by study: its sheets in Base64, then their addresses

function sheetOf(study, number) {
  if (!SHEETS.has(study)) {
    const text = document.getElementById(study.sheets).textContent;
    SHEETS.set(study, text.split("\n"));
  }
  const sheets = SHEETS.get(study);
  if (!sheets[number].startsWith("blob:")) {
    const blob = new Blob([bytesOf(sheets[number])], { type: "image/webp" });
    sheets[number] = URL.createObjectURL(blob);
  }
  return sheets[number];
}

/* The picture (i, j) of a study, `size` pixels wide, with the text that stands for it. */
function thumbnail(study, i, j, size, alt) {
  const { side, block } = PAGE;
  const across = Math.ceil(study.prompts.length / block);
  const [row, column] = [Math.floor(i / block), Math.floor(j / block)];
  const columns = Math.min(block, study.prompts.length - column * block);
  const scale = size / side;
  const frame = document.createElement("span");
  frame.className = "thumb";
  frame.style.cssText = `width:${size}px;height:${size}px`;
  const image = document.createElement("img");
  image.alt = alt;
  image.decoding = "async";
  image.src = sheetOf(study, row * across + column);
  image.style.cssText =
    `width:${columns * side * scale}px;` +
    `margin:${-(i % block) * size}px 0 0 ${-(j % block) * size}px`;
  frame.append(image);
  return frame;
}
