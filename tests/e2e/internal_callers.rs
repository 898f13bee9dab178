//! The gRPC contracts, used directly, as a box office or a tool of the house does.

use onsale_proto::{
    catalog::v1::{
        GetConcertRequest, ListConcertsRequest, ListSchedulesRequest, ListSeatsRequest,
        catalog_service_client::CatalogServiceClient,
    },
    queue::v1::{
        GetRoomRequest, JoinItem, JoinRequest, Mode, PauseRoomRequest, ResetRoomRequest, Standing,
        StatusRequest, join_result::Outcome, queue_service_client::QueueServiceClient,
        room_admin_service_client::RoomAdminServiceClient,
    },
};
use serde_json::json;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    api::{policy, token},
    onsale::{Onsale, channel},
    wait::until,
};

#[tokio::test]
async fn a_place_is_the_same_place_over_grpc_and_rest() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("paused", 1)).await;
    let (api, mut queue) = (onsale.api(), QueueServiceClient::new(channel(&onsale.queues[0])));
    let user = |user_id: &str| JoinItem { user_id: user_id.to_owned(), ..JoinItem::default() };
    let joins = vec![user("ada"), user(""), user("bob"), user("ada")];
    let joined = queue.join(JoinRequest { joins }).await.unwrap().into_inner();
    let outcomes: Vec<_> = joined.results.into_iter().map(|result| result.outcome.unwrap()).collect();
    let [Outcome::Joined(ada), Outcome::Refusal(_), Outcome::Joined(bob), Outcome::Joined(again)] =
        &outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    let number = |joined: &onsale_proto::queue::v1::Joined| joined.place.as_ref().unwrap().number;
    assert_eq!((number(ada), number(bob), number(again)), (1, 2, 1));
    assert_eq!(api.join(&json!({"userId": "bob"})).await.is(201)["number"], 2);
    assert_eq!(api.status(&bob.token).await.is(200)["remainingQueueCount"], 1);
    let carol = token(&api.join(&json!({"userId": "carol"})).await.is(201));
    let status = queue.status(StatusRequest { token: carol }).await.unwrap().into_inner();
    let place = status.place.unwrap();
    assert_eq!((place.number, place.remaining, place.standing()), (3, 2, Standing::Waiting));
}

#[tokio::test]
async fn a_room_run_over_grpc_is_the_room_that_rest_shows() {
    let onsale = Onsale::start().await;
    onsale.put_room(1, &policy("open", 5)).await;
    let (api, mut admin) = (onsale.api(), RoomAdminServiceClient::new(channel(&onsale.queues[0])));
    let old = api.token("ada").await;
    let paused = admin.pause_room(PauseRoomRequest { room_id: 1 }).await.unwrap().into_inner();
    assert_eq!(paused.policy.unwrap().mode(), Mode::Paused);
    assert_eq!(api.room(1).await["policy"]["mode"], "paused");
    let reset = admin.reset_room(ResetRoomRequest { room_id: 1 }).await.unwrap().into_inner();
    assert_eq!(api.room(1).await["epoch"], reset.epoch);
    until("the reset to be known", || async { api.status(&old).await.status == 401 }).await;
    let missing = admin.get_room(GetRoomRequest { room_id: 99 }).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}

#[tokio::test]
async fn the_catalog_tells_over_grpc_what_it_tells_over_rest() {
    let onsale = Onsale::start().await;
    let (api, mut catalog) = (onsale.api(), CatalogServiceClient::new(channel(&onsale.catalogs[0])));
    let request = ListConcertsRequest { limit: 200, ..Default::default() };
    let concerts = catalog.list_concerts(request).await.unwrap().into_inner().concerts;
    let over_rest = api.get("/api/concerts?limit=200").await.is(200);
    assert_eq!(over_rest["concerts"].as_array().unwrap().len(), concerts.len());
    assert!(concerts.len() >= 20);
    let request = ListSchedulesRequest { concert_id: 1, ..Default::default() };
    let schedules = catalog.list_schedules(request).await.unwrap().into_inner().schedules;
    let over_rest = api.get("/api/concerts/1/schedules").await.is(200);
    let ids =
        over_rest["schedules"].as_array().unwrap().iter().map(|one| one["scheduleId"].as_u64().unwrap());
    assert!(ids.eq(schedules.iter().map(|schedule| schedule.schedule_id)));
    let request = ListSeatsRequest { concert_id: 1, schedule_id: 1, ..Default::default() };
    let seats = catalog.list_seats(request).await.unwrap().into_inner();
    let over_rest = api.get("/api/concerts/1/schedules/1/seats").await.is(200);
    let numbers = over_rest["seats"].as_array().unwrap().iter().map(|seat| seat["seatId"].as_u64().unwrap());
    assert!(numbers.eq(seats.seats.iter().map(|seat| u64::from(seat.seat_no))));
    assert_eq!((seats.total_seats, &over_rest["totalSeats"]), (50, &json!(50)));
    let wrong = catalog.get_concert(GetConcertRequest { concert_id: 0 }).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    assert_eq!(wrong.get_details_bad_request().unwrap().field_violations[0].field, "concert_id");
}
