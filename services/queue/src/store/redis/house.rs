//! What belongs to no room: which rooms there are, which concert has which, and the key of user hashes.

use std::{collections::HashMap, sync::Arc};

use fred::prelude::{Expiration, HashesInterface as _, KeysInterface as _, SetOptions, SetsInterface as _};
use onsale_token::RoomId;

use super::{Store, StoreError, keys};

/// Which rooms there are, and which concert is guarded by which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct House {
    /// Grows with every change.
    pub version: u64,
    /// Every room.
    pub rooms: Vec<RoomId>,
    /// Concerts with a room of their own; all others are the site room's.
    pub room_by_concert: HashMap<u64, RoomId>,
}

impl Store {
    /// The version of the house, to see whether it has to be read again.
    pub async fn house_version(&self) -> Result<u64, StoreError> {
        let read = async {
            let version: Option<u64> = self.connected()?.get(keys::VERSION).await?;
            Ok(version.unwrap_or(0))
        };
        self.metrics.timed("house_version", Box::pin(read)).await
    }

    /// Reads the house.
    ///
    /// The version is read first: a change in between is read again by the next who compares.
    pub async fn house(&self) -> Result<House, StoreError> {
        let version = self.house_version().await?;
        let rooms: Vec<u64> = self.connected()?.smembers(keys::ROOM_IDS).await?;
        let concerts: HashMap<u64, u64> = self.connected()?.hgetall(keys::CONCERTS).await?;
        let mut rooms: Vec<_> = rooms.into_iter().filter_map(RoomId::new).collect();
        rooms.sort_unstable();
        let room_by_concert =
            concerts.into_iter().filter_map(|(concert, room)| Some((concert, RoomId::new(room)?))).collect();
        Ok(House { version, rooms, room_by_concert })
    }

    /// Puts a concert behind a room, or with `None` back behind the site room.
    pub async fn set_concert_room(&self, concert: u64, room: Option<RoomId>) -> Result<(), StoreError> {
        let concert = concert.to_string();
        match room {
            Some(room) => {
                self.connected()?.hset::<(), _, _>(keys::CONCERTS, (concert, room.to_string())).await?;
            }
            None => self.connected()?.hdel::<(), _, _>(keys::CONCERTS, concert).await?,
        }
        Ok(self.connected()?.incr::<(), _>(keys::VERSION).await?)
    }

    /// Puts back what Redis has forgotten of a house that this copy still knows. What is there stays.
    pub async fn remake_house(&self, known: &House) -> Result<(), StoreError> {
        for room in &known.rooms {
            self.connected()?.sadd::<(), _, _>(keys::ROOM_IDS, room.to_string()).await?;
        }
        for (concert, room) in &known.room_by_concert {
            let (concert, room) = (concert.to_string(), room.to_string());
            self.connected()?.hsetnx::<(), _, _, _>(keys::CONCERTS, concert, room).await?;
        }
        // Above what anybody knows: a version that was there before would hide the change.
        Ok(self.connected()?.set::<(), _, _>(keys::VERSION, known.version + 1, None, None, false).await?)
    }

    /// Settles on one key for user hashes with all other copies: the first one written stays.
    ///
    /// Called on connecting and after a loss: a copy that lived through the loss puts back what it has.
    pub async fn settle_user_key(&self) -> Result<(), StoreError> {
        let own = hex(&self.user_key.load());
        let keep = None::<Expiration>;
        self.connected()?.set::<(), _, _>(keys::USER_KEY, own, keep, Some(SetOptions::NX), false).await?;
        let settled: Option<String> = self.connected()?.get(keys::USER_KEY).await?;
        let corrupt = StoreError::Corrupt { script: "user key", field: "user key" };
        let key = settled.and_then(|text| unhex(&text)).ok_or(corrupt)?;
        self.user_key.store(Arc::new(key));
        Ok(())
    }
}

fn hex(key: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*key))
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}
