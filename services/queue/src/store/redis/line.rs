//! The line's scripts: join, claim, renew, leave, tick, forget, fence.

use fred::prelude::Value;
use onsale_token::{RoomId, UserId};

use super::{Keys, Reply, RoomEpoch, Script, Store, StoreError};
use crate::domain::{Plan, Snapshot};

/// A number and whose it is by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRef {
    /// The number, from 1.
    pub number: u64,
    /// The user that the token names.
    pub user: UserId,
}

/// What became of one join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinOutcome {
    /// The user's place.
    Place {
        /// The number.
        number: u64,
        /// Whether it was issued just now.
        is_new: bool,
    },
    /// As many wait as may.
    Full,
    /// The room takes no more.
    Closed,
    /// The room is not in force: nobody needs a place.
    Off,
}

/// What became of a batch of joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinsOutcome {
    /// serving, right after.
    pub serving: u64,
    /// How many of them were called at once.
    pub called: u64,
    /// One for each user, in order.
    pub outcomes: Vec<JoinOutcome>,
}

/// A session as Redis has it. Times are Redis' clock, Unix time in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionState {
    /// The session's id.
    pub id: String,
    /// When the slot was claimed.
    pub started_at_ms: i64,
    /// When the lease ends.
    pub lease_end_ms: i64,
}

/// A visitor who asks what became of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The visitor.
    pub place: PlaceRef,
    /// The id that the session gets if there will be one: 32 characters.
    pub session_id: String,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Not called yet.
    Waiting,
    /// In a session as of just now.
    Granted(SessionState),
    /// In a session.
    Active(SessionState),
    /// Present, without a slot.
    Ready,
    /// Used up.
    Expired,
    /// The room is closed.
    Closed,
}

/// What became of a batch of claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsOutcome {
    /// serving, at that instant.
    pub serving: u64,
    /// How many came for the first time after their claim window.
    pub late: u64,
    /// How many slots were given to somebody whose turn it was not: none, or a script is wrong.
    pub out_of_turn: u64,
    /// One for each visitor, in order.
    pub outcomes: Vec<Claimed>,
}

/// What leaving did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// A place in line was given up, just now.
    Place,
    /// A slot was given back.
    Session,
    /// There was nothing to leave.
    Nothing,
}

/// What a tick did that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticked {
    /// serving, right after.
    pub serving: u64,
    /// How many were called; numbers that were left and passed over not counted.
    pub called: u64,
    /// How many gave no sign in their claim window, which is over as of this tick.
    pub no_shows: u64,
}

/// How far a room is over a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fenced {
    /// It is whole.
    Whole,
    /// Others may still hand in what they have seen.
    Waiting,
    /// It was just made whole: numbers were skipped.
    Skipped,
}

/// How long copies and gateways have to hand in what they have seen: more than two of their rounds.
const FENCE_GRACE_MS: u64 = 600;
/// Numbers that may have been handed out by copies and gateways that died together with Redis.
const FENCE_MARGIN: u64 = 256;

impl Store {
    /// Gives each user a place. `shown` is the number of a token that the user still shows, or 0.
    pub async fn join(&self, room: RoomEpoch, joins: &[(UserId, u64)]) -> Result<JoinsOutcome, StoreError> {
        let users: Vec<_> = joins.iter().map(|(user, _)| self.user_hash(user)).collect();
        let mut args = vec![text(room.epoch)];
        for (user, (_, shown)) in users.iter().zip(joins) {
            args.extend([hash_bytes(*user), text(*shown)]);
        }
        let keys = Keys(room).with_buckets(users.into_iter());
        let mut reply = self.run(room.room, Script::Join, keys, args).await?;
        let (serving, called) = (reply.number("serving")?, reply.number("called at once")?);
        let outcomes = joins.iter().map(|_| join_outcome(&mut reply)).collect::<Result<_, _>>()?;
        Ok(JoinsOutcome { serving, called, outcomes })
    }

    /// Asks what became of calls, and takes slots for those who may have one.
    pub async fn claim(&self, room: RoomEpoch, claims: &[Claim]) -> Result<ClaimsOutcome, StoreError> {
        let users: Vec<_> = claims.iter().map(|claim| self.user_hash(&claim.place.user)).collect();
        let mut args = vec![text(room.epoch)];
        for (user, claim) in users.iter().zip(claims) {
            args.extend([text(claim.place.number), hash_bytes(*user), claim.session_id.clone().into()]);
        }
        let keys = Keys(room).with_buckets(users.into_iter());
        let mut reply = self.run(room.room, Script::Claim, keys, args).await?;
        let serving = reply.number("serving")?;
        let (late, out_of_turn) = (reply.number("late")?, reply.number("out of turn")?);
        let outcomes = claims.iter().map(|_| claimed(&mut reply)).collect::<Result<_, _>>()?;
        Ok(ClaimsOutcome { serving, late, out_of_turn, outcomes })
    }

    /// Moves the end of a session's lease; `None` when there is no such session.
    pub async fn renew(&self, room: RoomEpoch, place: &PlaceRef) -> Result<Option<SessionState>, StoreError> {
        let args = vec![text(room.epoch), text(place.number), hash_bytes(self.user_hash(&place.user))];
        let mut reply = self.run(room.room, Script::Renew, Keys(room).of_room(), args).await?;
        if reply.is_empty() { Ok(None) } else { session(&mut reply).map(Some) }
    }

    /// Gives up a place, or gives a slot back.
    pub async fn leave(&self, room: RoomEpoch, place: &PlaceRef) -> Result<Left, StoreError> {
        let user = self.user_hash(&place.user);
        let args = vec![text(room.epoch), text(place.number), hash_bytes(user)];
        let keys = Keys(room).with_buckets(std::iter::once(user));
        let mut reply = self.run(room.room, Script::Leave, keys, args).await?;
        match reply.text("outcome")?.as_str() {
            "left" => Ok(Left::Place),
            "ended" => Ok(Left::Session),
            "nothing" => Ok(Left::Nothing),
            _ => Err(reply.corrupt("outcome")),
        }
    }

    /// Writes what a tick decided; `None` when another tick came before, which then did what there was to do.
    pub async fn tick(
        &self,
        room: RoomId,
        snapshot: &Snapshot,
        plan: &Plan,
    ) -> Result<Option<Ticked>, StoreError> {
        let room_epoch = RoomEpoch { room, epoch: snapshot.head.epoch };
        let args = tick_args(snapshot, plan);
        let mut reply = self.run(room, Script::Tick, Keys(room_epoch).of_room(), args).await?;
        if reply.is_empty() {
            return Ok(None);
        }
        let (serving, called) = (reply.number("serving")?, reply.number("called")?);
        Ok(Some(Ticked { serving, called, no_shows: reply.number("no-shows")? }))
    }

    /// Drops the records of users whose numbers are over, of one of [`PIECES`](super::PIECES) pieces.
    pub async fn forget(&self, room: RoomEpoch, piece: u32) -> Result<(), StoreError> {
        let keys = Keys(room).with_piece(piece);
        self.run(room.room, Script::Forget, keys, vec![text(room.epoch)]).await?;
        Ok(())
    }

    /// Hands in what was seen of a room under a run, and learns whether the room is whole.
    ///
    /// When it is, the room's other scripts are run under that run from now on.
    pub async fn fence(
        &self,
        room: RoomEpoch,
        run: &str,
        seen_number: u64,
        seen_serving: u64,
    ) -> Result<Fenced, StoreError> {
        let scripts = self.scripts_for(room.room, run);
        let keys = Keys(room).of_room();
        let args = [room.epoch, seen_number, seen_serving, FENCE_GRACE_MS, FENCE_MARGIN].map(text).to_vec();
        let mut reply = self.evaluate_loading(&scripts, Script::Fence, keys, args).await?;
        let fenced = match reply.text("outcome")?.as_str() {
            "fine" => Fenced::Whole,
            "wait" => return Ok(Fenced::Waiting),
            "fenced" => Fenced::Skipped,
            _ => return Err(reply.corrupt("outcome")),
        };
        self.set_run(room.room, scripts);
        Ok(fenced)
    }
}

fn tick_args(snapshot: &Snapshot, plan: &Plan) -> Vec<Value> {
    let head = &snapshot.head;
    let counts = [head.epoch, head.tick, head.policy_version, plan.floor, plan.gone, plan.release];
    let mut args: Vec<_> = counts.into_iter().map(text).collect();
    args.push(text(plan.credit));
    args.extend([plan.clock_ms, plan.cohort_ms].map(text));
    args.extend([head.ended, head.arrivals, head.arrival_delay_ms].map(text));
    let learned = [
        ("shows_called", plan.shows.called),
        ("shows_came", plan.shows.came),
        ("shows_arrivals", plan.shows.arrivals),
        ("shows_delay", plan.shows.delay_ms),
        ("departures_ended", plan.departures.ended),
        ("departures_lasted", plan.departures.lasted_ms),
    ];
    args.extend(learned.into_iter().flat_map(|(name, value)| [text(name), text(value)]));
    args
}

fn join_outcome(reply: &mut Reply) -> Result<JoinOutcome, StoreError> {
    let outcome = reply.text("outcome")?;
    let number = reply.number("number")?;
    match outcome.as_str() {
        "new" => Ok(JoinOutcome::Place { number, is_new: true }),
        "again" => Ok(JoinOutcome::Place { number, is_new: false }),
        "full" => Ok(JoinOutcome::Full),
        "closed" => Ok(JoinOutcome::Closed),
        "off" => Ok(JoinOutcome::Off),
        _ => Err(reply.corrupt("outcome")),
    }
}

fn claimed(reply: &mut Reply) -> Result<Claimed, StoreError> {
    let standing = reply.text("standing")?;
    let _number = reply.number("number")?;
    let session = session(reply)?;
    match standing.as_str() {
        "waiting" => Ok(Claimed::Waiting),
        "granted" => Ok(Claimed::Granted(session)),
        "active" => Ok(Claimed::Active(session)),
        "ready" => Ok(Claimed::Ready),
        "expired" => Ok(Claimed::Expired),
        "closed" => Ok(Claimed::Closed),
        _ => Err(reply.corrupt("standing")),
    }
}

fn session(reply: &mut Reply) -> Result<SessionState, StoreError> {
    Ok(SessionState {
        id: reply.text("session id")?,
        started_at_ms: reply.signed("session start")?,
        lease_end_ms: reply.signed("lease end")?,
    })
}

/// A user hash as buckets and sessions have it: 16 bytes, as they are.
fn hash_bytes(user: u128) -> Value {
    Value::Bytes(user.to_be_bytes().to_vec().into())
}

/// An argument as scripts read it: integers and floats as digits.
#[expect(clippy::needless_pass_by_value, reason = "the values are plain numbers")]
fn text(value: impl ToString) -> Value {
    value.to_string().into()
}
