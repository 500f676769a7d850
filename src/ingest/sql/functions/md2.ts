/** MD2 (RFC 1319), which current hash libraries no longer include. */
export function md2(message: Uint8Array): Uint8Array {
  const padding = 16 - (message.length % 16);
  const padded = new Uint8Array(message.length + padding + 16).fill(padding);
  padded.set(message);
  padded.set(checksum(padded.subarray(0, message.length + padding)), message.length + padding);
  const state = new Uint8Array(48);
  for (let at = 0; at < padded.length; at += 16) {
    for (let index = 0; index < 16; index++) {
      const byte = padded[at + index] as number;
      state[16 + index] = byte;
      state[32 + index] = byte ^ (state[index] as number);
    }
    let last = 0;
    for (let round = 0; round < 18; round++) {
      for (let index = 0; index < 48; index++) {
        last = (state[index] as number) ^ (S_BOX[last] as number);
        state[index] = last;
      }
      last = (last + round) % 256;
    }
  }
  return state.slice(0, 16);
}

function checksum(padded: Uint8Array): Uint8Array {
  const sum = new Uint8Array(16);
  let last = 0;
  for (const [at, byte] of padded.entries()) {
    last = (sum[at % 16] as number) ^ (S_BOX[byte ^ last] as number);
    sum[at % 16] = last;
  }
  return sum;
}

const S_BOX = piPermutation();

/** The substitution table: a shuffle of 0 to 255 driven by the decimal digits of pi. */
function piPermutation(): Uint8Array {
  const digits = digitsOfPi(722);
  let place = 0;
  const below = (limit: number): number => {
    let chosen = 0;
    let range = 10;
    if (limit > 10) range = limit > 100 ? 1000 : 100;
    do {
      chosen = 0;
      for (let size = range; size > 1; size /= 10) chosen = chosen * 10 + (digits[place++] as number);
    } while (chosen >= range - (range % limit));
    return chosen % limit;
  };
  const table = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let size = 2; size <= 256; size++) {
    const other = below(size);
    [table[size - 1], table[other]] = [table[other] as number, table[size - 1] as number];
  }
  return table;
}

/** Uses Machin's formula, in integers. */
function digitsOfPi(count: number): readonly number[] {
  const unit = 10n ** BigInt(count + 10);
  const arctan = (inverse: bigint): bigint => {
    let power = unit / inverse;
    let sum = power;
    for (let odd = 3n, sign = -1n; power > 0n; odd += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += (sign * power) / odd;
    }
    return sum;
  };
  return Array.from(String(4n * (4n * arctan(5n) - arctan(239n))).slice(0, count), Number);
}
