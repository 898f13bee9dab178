// Choices that follow from SEED alone. Each visitor and each iteration has a stream of its own, named by what it is for and
// its number, so that number 4711 chooses the same in every run, whichever virtual user happens to carry it.

const SEED = __ENV.SEED || '1';

// FNV-1a, with a last stir: streams of neighbouring numbers have nothing in common.
function hash(text) {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) {
        h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    }
    h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
    h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
    return h ^ (h >>> 15);
}

// Mulberry32: fast, and good enough to choose seats by.
export class Stream {
    constructor(name, n) {
        this.state = hash(`${SEED}/${name}/${n}`);
    }

    // From 0 to below 2^32.
    word() {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return (t ^ (t >>> 14)) >>> 0;
    }

    // From 0 to below 1.
    share() {
        return this.word() / 4294967296;
    }

    // From 0 to below `n`.
    below(n) {
        return Math.floor(this.share() * n);
    }

    chance(share) {
        return this.share() < share;
    }

    // From 0 to below `n`, where 0 is the most wanted and the k-th is wanted as often as 1/k: how fans want seats. The continuous
    // law cut into steps, which needs no table of `n` entries in every virtual user.
    zipf(n) {
        return Math.min(n - 1, Math.floor(Math.pow(n + 1, this.share())) - 1);
    }

    // Half of `mean` to one and a half of it.
    around(mean) {
        return mean * (0.5 + this.share());
    }

    hex(words) {
        let text = '';
        for (let i = 0; i < words; i += 1) {
            text += this.word().toString(16).padStart(8, '0');
        }
        return text;
    }
}
