import { parseJson } from '../dist/core/expression/json.js';

/**
 * Prints the microseconds of the minimum work on a message, parsing it and storing it with its object: `node
 * floor-of.mjs OBJECTS`. The additional cost of many objects here is due to memory, not to Tripline.
 */
const objects = Number(process.argv[2]);
const MESSAGES = 600_000;
const BATCH = 10;
const held = new Map();

let number = 0;
function put(keyOf) {
  for (let m = 0; m < BATCH; m++) {
    const n = number++;
    const key = `motor-${keyOf(n)}`;
    const text = `{"motorid":"${key}","sensorData":{"pressure":${40 + (n % 50)},"temperature":39.5}}`;
    const { value } = parseJson(text);
    const object = held.get(value.motorid);
    if (object === undefined) held.set(value.motorid, { count: 1, last: { text, value } });
    else {
      object.count++;
      object.last = { text, value };
    }
  }
}

while (number < objects) put((n) => n);
const random = () => Math.floor(Math.random() * objects);
const warm = number + MESSAGES / 2;
while (number < warm) put(random);
const until = number + MESSAGES;
const began = performance.now();
while (number < until) put(random);
console.log(((performance.now() - began) * 1000) / MESSAGES);
