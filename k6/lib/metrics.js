// What the scripts count besides k6's own metrics. README.md says what each is for.
import { Counter, Rate, Trend } from 'k6/metrics';

export const joined = new Counter('onsale_joined');
// Polls of a crowd that were answered, in the part that is measured.
export const polled = new Counter('onsale_polled');
export const admitted = new Counter('onsale_admitted');
export const held = new Counter('onsale_held');
export const sold = new Counter('onsale_sold');
export const released = new Counter('onsale_released');
export const cancelled = new Counter('onsale_cancelled');
// Visitors who had their session ended, lost patience, or found nothing that was free.
export const ended = new Counter('onsale_ended');
export const gaveUp = new Counter('onsale_gave_up');
export const foundNothing = new Counter('onsale_found_nothing');

// Refusals that the scenario expects, by `reason`: they are no errors.
export const refused = new Counter('onsale_refused');
// Every other answer that is not a success, by `name`, `status` and `problem`.
export const unexpected = new Counter('onsale_unexpected');
// The share of the latter, by `name`.
export const errors = new Rate('onsale_errors');

// The share of answers with 429 or 503 that say when to come back.
export const saysWhen = new Rate('onsale_says_when');

// Bodies that were looked at, and what contradicts an invariant in them, by `invariant`.
export const bodies = new Counter('onsale_bodies');
export const broken = new Counter('onsale_broken');

// How old the seats are that are shown, as the answer says.
export const seatsAge = new Trend('onsale_seats_age', true);
// Seconds from joining to ACTIVE.
export const wait = new Trend('onsale_wait');
// The longest time without a good answer that a visitor met.
export const gap = new Trend('onsale_gap', true);
// Seats that were shown free a moment ago and were refused: what 250 ms cost.
export const shownFreeRefused = new Counter('onsale_shown_free_refused');
// Hot seats that somebody got, by `seat`.
export const won = new Counter('onsale_won');
