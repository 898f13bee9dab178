use std::{cell::RefCell, io};

use super::*;

fn sought() -> Sought {
    Sought {
        test_id: "capacity-token-20261122-120000-00ff".into(),
        endpoint: "token".into(),
        generator: "k6".into(),
        seconds: 20.0,
        plan: Plan::default(),
    }
}

fn answer(rate: f64) -> Measured {
    let failed = || Held::Failed { why: "token p(95)".into(), is_invariant: false };
    Measured {
        test_id: format!("token-{rate}"),
        outcome: if rate <= 1_000.0 { Held::Held } else { failed() },
        achieved: Some(rate),
        p95_ms: None,
        p99_ms: None,
    }
}

#[tokio::test]
async fn a_search_that_was_cut_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let asked = RefCell::new(Vec::new());
    let cut = async |rate: f64, _: f64| {
        asked.borrow_mut().push(rate);
        if asked.borrow().len() == 7 { Err(io::Error::other("cut off")) } else { Ok(answer(rate)) }
    };
    let first = search(&sought(), folder.path(), cut, &|_| ()).await;
    assert!(matches!(first, Err(CapacityError::Step(_))));
    let whole = async |rate: f64, seconds: f64| {
        asked.borrow_mut().push(rate);
        assert!((seconds - 20.0).abs() < 1e-9);
        Ok::<_, io::Error>(answer(rate))
    };
    let capacity = search(&sought(), folder.path(), whole, &|_| ()).await.unwrap();
    assert!(matches!(capacity.found, Some(Found::Highest { rate: 968.0, held: 5, .. })));
    let steps: Vec<f64> = capacity.steps.iter().map(|step| step.rate).collect();
    let mut asked = asked.into_inner();
    // What was cut off is asked again.
    asked.remove(6);
    assert_eq!(asked, steps);
    let kept: Capacity = serde_json::from_str(&fs::read_to_string(file(folder.path())).unwrap()).unwrap();
    assert_eq!(kept, capacity);
}

#[tokio::test]
async fn another_search_in_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let step = async |rate: f64, _: f64| Ok::<_, io::Error>(answer(rate));
    search(&sought(), folder.path(), step, &|_| ()).await.unwrap();
    let other = Sought { endpoint: "status".into(), ..sought() };
    let refused = search(&other, folder.path(), step, &|_| ()).await;
    assert!(matches!(refused, Err(CapacityError::Another(_))));
}
