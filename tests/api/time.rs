//! Working time: as people write it, once for each hour of a person's day.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Answer, id};

on_each_database![
    time_is_read_as_people_write_it,
    one_person_is_in_one_place,
    late_time_needs_a_manager,
    clients_see_what_is_marked_for_them,
];

fn log(house: &House, job: &Job<'_>, entry: Value) -> Answer {
    let mut body = json!({"kind": "on_site"});
    body.as_object_mut().unwrap().extend(entry.as_object().unwrap().clone());
    house.technician().post(&job.at("/time-entries"), &body)
}

fn time_is_read_as_people_write_it(house: &House) {
    let job = Job::plain(house);
    for (written, minutes) in [("2,5 часа", 150), ("2:30", 150), ("1 ч 20 м", 80), ("1h30", 90), ("45 мин", 45)]
    {
        assert_eq!(log(house, &job, json!({"duration": written})).is(201)["minutes"], minutes, "{written}");
    }
    assert_eq!(log(house, &job, json!({"minutes": 30})).is(201)["minutes"], 30);
    log(house, &job, json!({"duration": "долго"})).blames("/duration", "not_a_duration");
    log(house, &job, json!({"minutes": 0})).blames("/minutes", "out_of_range");
    log(house, &job, json!({"minutes": 1441})).blames("/minutes", "out_of_range");
    log(house, &job, json!({"started_at": "2026-01-10T10:00:00Z", "ended_at": "2026-01-10T09:00:00Z"}))
        .blames("/ended_at", "ends_before_start");
    log(house, &job, json!({"started_at": "2999-01-10T10:00:00Z", "minutes": 5}))
        .blames("/started_at", "in_the_future");
    log(house, &job, json!({})).blames("/duration", "required");
}

fn one_person_is_in_one_place(house: &House) {
    let (job, other) = (Job::plain(house), Job::plain(house));
    let first = json!({"started_at": "2026-01-10T10:00:00Z", "ended_at": "2026-01-10T11:30:00+00:00"});
    let first = log(house, &job, first).is(201);
    assert_eq!(first["minutes"], 90);
    let over = json!({"started_at": "2026-01-10T14:19:00+03:00", "minutes": 10});
    let refused = log(house, &other, over.clone()).refused(409, "time_overlap");
    assert_eq!(
        (&refused["conflicting_entry"]["id"], &refused["conflicting_entry"]["ticket_id"]),
        (&first["id"], &json!(job.ticket))
    );
    // One may begin where the other ended.
    let after = log(house, &other, json!({"started_at": "2026-01-10T11:30:00Z", "minutes": 10})).is(201);
    let tech = house.technician();
    let stretch = json!({"started_at": "2026-01-10T11:00:00Z", "ended_at": "2026-01-10T11:40:00Z"});
    tech.patch(&format!("/time-entries/{}", id(&after)), &stretch).refused(409, "time_overlap");
    tech.delete(&format!("/time-entries/{}", id(&first))).is(204);
    log(house, &other, over).is(201);
    // Somebody else's hour is another hour.
    let dispatcher = house.dispatcher();
    let theirs = json!({"kind": "remote", "started_at": "2026-01-10T11:00:00Z", "minutes": 30});
    dispatcher.post(&job.at("/time-entries"), &theirs).is(201);
    let mut for_tech = theirs.clone();
    for_tech["user_id"] = json!(tech.id);
    dispatcher.post(&job.at("/time-entries"), &for_tech).refused(409, "time_overlap");
    for_tech["user_id"] = json!(dispatcher.id);
    tech.post(&job.at("/time-entries"), &for_tech).refused(403, "forbidden");
}

fn late_time_needs_a_manager(house: &House) {
    let job = Job::plain(house);
    job.begin();
    let entry = job.log("1 ч");
    job.to("done").is(200);
    log(house, &job, json!({"minutes": 5})).is(201);
    let manager = house.manager();
    manager.post(&job.at("/status"), &json!({"to": "closed"})).is(200);
    log(house, &job, json!({"minutes": 5})).refused(409, "ticket_closed");
    house.technician().delete(&format!("/time-entries/{}", id(&entry))).refused(409, "ticket_closed");
    manager.post(&job.at("/time-entries"), &json!({"kind": "remote", "minutes": 5})).is(201);
}

fn clients_see_what_is_marked_for_them(house: &House) {
    let job = Job::plain(house);
    log(house, &job, json!({"minutes": 5})).is(201);
    let shown = log(house, &job, json!({"minutes": 6, "visible_to_client": true})).is(201);
    let seen = house.client().get(&job.at("/time-entries")).is(200);
    assert_eq!(seen["data"].as_array().unwrap().len(), 1);
    assert_eq!(seen["data"][0]["id"], shown["id"]);
    house.rival().get(&job.at("/time-entries")).refused(404, "not_found");
}
