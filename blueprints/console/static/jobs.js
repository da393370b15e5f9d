// The jobs page while the books are being proved: how far it is, and the result when it is there.
"use strict";

const proof = document.getElementById("proof");
const EVERY = 1500;

async function look() {
  if (document.hidden) return setTimeout(look, EVERY);
  try {
    const state = await Console.fetchJson(proof.dataset.address);
    if (!state.open) return location.reload();
    proof.max = state.planned || 1;
    proof.value = state.done;
  } catch (error) {
    console.warn(error.message);   // a server that restarts; the next look tells
  }
  return setTimeout(look, EVERY);
}

if (proof) setTimeout(look, EVERY);
