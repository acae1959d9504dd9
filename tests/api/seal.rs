//! Signed documents are sealed: what was sealed stays as it is, and whatever was changed is found out.

use std::io::Write;
use std::process::{Output, Stdio};

use diesel::prelude::*;
use naryad::acts::{ActId, signed_copy};
use naryad::db::schema::{acts, event_chain, sealed_copies, seals};
use naryad::db::types::Sha256;
use naryad::seal::key::{Sealer, from_pem};
use naryad::seal::{Seal, SealOrigin, pdf, queries, replace};
use naryad::verify::offline::{Fault, examine};
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id, text};
use crate::program::Installation;

on_each_database![
    a_signed_copy_is_sealed_and_stays,
    a_copy_that_was_made_twice_is_one,
    the_evidence_tells_what_was_recorded,
    both_signatures_are_sealed_anew,
    instances_share_one_key,
    an_old_seal_outlives_its_key,
    a_certificate_that_ran_out_is_replaced,
    not_a_byte_can_be_changed,
    a_refusal_is_sealed_too,
];

fn signed(person: &Person, act: &Value) -> Vec<u8> {
    person.get(&format!("/acts/{}/signed.pdf", id(act))).bytes()
}

fn certificates(house: &House) -> Vec<Vec<u8>> {
    let pem = house.stranger().get_root("/verify/certificates.pem");
    assert_eq!(pem.header("content-type"), "application/x-pem-file");
    from_pem(&pem.bytes()).unwrap()
}

fn a_signed_copy_is_sealed_and_stays(house: &House) {
    assert_eq!(house.stranger().get_root("/verify/certificates.pem").bytes(), b"", "no key before it is needed");
    let act = Job::strict(house).signed();
    let tech = house.technician();
    let answer = tech.get(&format!("/acts/{}/signed.pdf", id(&act)));
    let etag = answer.header("etag").to_owned();
    let copy = answer.bytes();
    assert_eq!(etag, format!("\"{}\"", Sha256::of(&copy)));
    let frozen = tech.get(&format!("/acts/{}/document.pdf", id(&act))).bytes();
    assert!(copy.starts_with(&frozen), "the frozen bytes are inside");
    assert_eq!(tech.get(&format!("/acts/{}", id(&act))).is(200)["signed_document_sha256"], json!(Sha256::of(&copy)));
    let certificates = certificates(house);
    assert_eq!(pdf::check(&copy), Some(certificates.clone()));
    assert_eq!(pdf::check(&frozen), None, "what nobody signed is not sealed");
    let sound = examine(&copy, Some(&certificates)).unwrap();
    assert_eq!(sound.seal.holder, "ООО «Сервис-ИТ»");
    assert_eq!(sound.evidence.unwrap()["act"]["number"], act["number"]);
    let another = house.another();
    assert_eq!(signed(&another.technician(), &act), copy);
    assert_eq!(signed(&tech, &act), copy);
    let made = house.admin().get("/events?action=seal.made").is(200);
    assert_eq!(made["data"].as_array().unwrap().len(), 1, "{made}");
    assert_eq!(made["data"][0]["facts"]["after"]["certificate_sha256"], json!(Sha256::of(&certificates[0])));
}

/// The program died after a copy was noted and before anybody was told: the act does not know of it yet.
fn a_copy_that_was_made_twice_is_one(house: &House) {
    let act = Job::strict(house).signed();
    let copy = signed(&house.technician(), &act);
    let key: ActId = id(&act).parse().unwrap();
    let none: Option<Sha256> = None;
    house
        .app
        .db
        .write_now(move |conn| {
            Ok(diesel::update(acts::table.find(key)).set(acts::signed_document_sha256.eq(none)).execute(conn)?)
        })
        .unwrap();
    let again = actix_web::rt::System::new().block_on(signed_copy::make(&house.app, key)).unwrap();
    assert_eq!(again.sha256, Sha256::of(&copy));
    assert_eq!(signed(&house.another().technician(), &act), copy);
    let kept: i64 = house.app.db.read_now(|conn| Ok(sealed_copies::table.count().get_result(conn)?)).unwrap();
    assert_eq!(kept, 1);
}

fn the_evidence_tells_what_was_recorded(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let tech = house.technician();
    let path = format!("/acts/{}/evidence.json", id(&act));
    tech.get(&path).refused(409, "act_not_signed");
    let mut signature = job.signature(&act);
    signature["signed_at"] = json!("2026-11-01T10:00:00+03:00");
    signature["outcome"] = json!("accepted_with_remarks");
    signature["remarks"] = json!("Шумит");
    let phone = tech.with("x-device-id", "pixel-7a").with("x-forwarded-for", "203.0.113.7");
    let decision = phone.post(&format!("/acts/{}/signatures", id(&act)), &signature).is(201);
    let answer = tech.get(&path);
    assert_eq!(answer.header("content-type"), "application/json");
    let bytes = answer.bytes();
    let evidence: Value = serde_json::from_slice(&bytes).unwrap();
    let within = examine(&signed(&tech, &act), None).unwrap().evidence.unwrap();
    assert_eq!(evidence, within, "the same travels within the copy");
    assert_eq!(evidence["evidence_version"], 1);
    assert_eq!(evidence["document"]["sha256"], act["document_sha256"]);
    assert_eq!(evidence["act"]["verification_code"], act["verification_code"]);
    let one = &evidence["signatures"][0];
    for (member, wanted) in [
        ("/id", &decision["id"]),
        ("/signature_sha256", &decision["signature_sha256"]),
        ("/signer/name", &json!("Ґалаґан Їжак Ёлкин")),
        ("/signer/organisation", &json!("ООО «Ромашка»")),
        ("/signer/authority", &json!("routine")),
        ("/remarks", &json!("Шумит")),
        ("/method", &json!("drawn")),
        ("/device_time", &json!("2026-11-01T07:00:00Z")),
        ("/device_id", &json!("pixel-7a")),
        ("/ip", &json!("203.0.113.7")),
        ("/place", &Value::Null),
        ("/image_sha256", &Value::Null),
        ("/ink/strokes", &json!(1)),
        ("/ink/points", &json!(2)),
    ] {
        let told = one.pointer(member).unwrap();
        let moment = |value: &Value| value.as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
        assert!(told == wanted || (moment(told).is_some() && moment(told) == moment(wanted)), "{member}: {told}");
    }
    assert!(one["clock_difference_ms"].as_i64().unwrap() > 86_400_000, "{one}");
    let actions: Vec<String> =
        evidence["events"].as_array().unwrap().iter().map(|event| text(event, "action")).collect();
    assert_eq!(actions, ["act.issued", "act.decided"]);
    // Their places are those in the chain, which an auditor can walk along.
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
    for event in evidence["events"].as_array().unwrap() {
        let seq = event["seq"].as_i64().unwrap();
        let link: (Sha256, Sha256) = house
            .app
            .db
            .read_now(move |conn| {
                let columns = (event_chain::prev_hash, event_chain::hash);
                Ok(event_chain::table.find(seq).select(columns).get_result(conn)?)
            })
            .unwrap();
        assert_eq!((json!(link.0), json!(link.1)), (event["prev_hash"].clone(), event["hash"].clone()));
    }
    // A device that told no time is not given one.
    let other = Job::strict(house).signed();
    let evidence = tech.get(&format!("/acts/{}/evidence.json", id(&other))).is(200);
    let one = &evidence["signatures"][0];
    assert_eq!((&one["device_time"], &one["clock_difference_ms"]), (&Value::Null, &Value::Null));
    house.rival().get(&path).refused(404, "not_found");
    house.client().get(&path).is(200);
}

fn both_signatures_are_sealed_anew(house: &House) {
    let job = Job::strict(house);
    let act = job.signed();
    let tech = house.technician();
    let first = signed(&tech, &act);
    let mut ours = job.signature(&act);
    ours["party"] = json!("provider");
    ours["signer"] = json!({"name": "Ёлкин Иван Петрович", "position": "инженер"});
    tech.post(&format!("/acts/{}/signatures", id(&act)), &ours).is(201);
    let second = signed(&tech, &act);
    assert_ne!(first, second);
    assert_eq!(signed(&tech, &act), second);
    for (copy, decisions) in [(&first, 1), (&second, 2)] {
        let evidence = examine(copy, Some(&certificates(house))).unwrap().evidence.unwrap();
        assert_eq!(evidence["signatures"].as_array().unwrap().len(), decisions);
    }
}

fn instances_share_one_key(house: &House) {
    let other = house.another();
    let acts = [house, &other].map(|house| {
        let job = Job::plain(house);
        job.begin();
        job.act()
    });
    // Both need a key at the same moment, and there is none.
    std::thread::scope(|scope| {
        for (house, act) in [house, &other].into_iter().zip(&acts) {
            scope.spawn(move || {
                let signature = json!({"party": "client", "document_sha256": act["document_sha256"], "outcome": "accepted",
                                       "signer": {"name": "Сменщик", "position": "кассир"}, "ink": crate::job::ink()});
                house.technician().post(&format!("/acts/{}/signatures", id(act)), &signature).is(201);
            });
        }
    });
    let certificates = certificates(house);
    assert_eq!(certificates.len(), 1);
    for act in &acts {
        assert_eq!(pdf::check(&signed(&house.technician(), act)), Some(certificates.clone()));
    }
}

fn an_old_seal_outlives_its_key(house: &House) {
    let before = Job::strict(house).signed();
    let old = signed(&house.technician(), &before);
    let now = house.app.clock.now();
    let sealer = Sealer::new("Другой ключ", now).unwrap();
    let own = sealer.certificates.clone();
    let new = Seal::new(SealOrigin::Installed, &sealer, house.app.keys.lock(), now).unwrap();
    let put = || {
        let (kept, lock) = (new.clone(), *house.app.keys.lock());
        house.app.db.write_now(move |conn| replace::replace(conn, &kept, &lock, now))
    };
    put().unwrap();
    assert!(put().is_err(), "a key is installed once");
    let after = Job::strict(house).signed();
    let fresh = signed(&house.another().technician(), &after);
    assert_eq!(pdf::check(&fresh), Some(own.clone()));
    assert_eq!(signed(&house.technician(), &before), old);
    let all = certificates(house);
    assert_eq!(all.len(), 2);
    for copy in [&old, &fresh] {
        assert!(examine(copy, Some(&all)).is_ok());
    }
    assert_eq!(examine(&old, Some(&own)).unwrap_err(), Fault::Certificate);
}

fn a_certificate_that_ran_out_is_replaced(house: &House) {
    let first = Job::strict(house).signed();
    let old = signed(&house.technician(), &first);
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    job.sign(&act).is(201);
    let key: ActId = id(&act).parse().unwrap();
    let none: Option<Sha256> = None;
    house
        .app
        .db
        .write_now(move |conn| {
            diesel::update(acts::table.find(key)).set(acts::signed_document_sha256.eq(none)).execute(conn)?;
            Ok(diesel::delete(sealed_copies::table.filter(sealed_copies::act_id.eq(key))).execute(conn)?)
        })
        .unwrap();
    house.app.clock.set_ahead(11 * 366 * 86_400);
    actix_web::rt::System::new().block_on(signed_copy::make(&house.app, key)).unwrap();
    house.app.clock.set_ahead(0);
    let fresh = signed(&house.technician(), &act);
    let all = certificates(house);
    assert_eq!(all.len(), 2);
    assert_ne!(pdf::check(&fresh), pdf::check(&old));
    let in_use: i64 = house
        .app
        .db
        .read_now(|conn| Ok(seals::table.filter(seals::in_use.eq(true)).count().get_result(conn)?))
        .unwrap();
    assert_eq!(in_use, 1);
    assert!(house.app.db.read_now(queries::in_use).unwrap().is_some());
}

fn not_a_byte_can_be_changed(house: &House) {
    let act = Job::strict(house).signed();
    let copy = signed(&house.technician(), &act);
    let trusted = certificates(house);
    assert!(examine(&copy, Some(&trusted)).is_ok());
    // All over the file, and every byte of its last revision's seal, where no signature reaches.
    let range = copy.windows(11).rposition(|window| window == b"/ByteRange[").unwrap();
    let contents = range..copy.len().min(range + 4_000);
    let places = (0..copy.len()).step_by(copy.len() / 400).chain(contents);
    for place in places {
        for bit in [0x01, 0x20] {
            let mut changed = copy.clone();
            changed[place] ^= bit;
            assert!(examine(&changed, Some(&trusted)).is_err(), "byte {place} of {} bit {bit:#x}", copy.len());
        }
    }
    for changed in [[&copy[..], b"\n"].concat(), copy[..copy.len() - 1].to_vec(), [b" ", &copy[..]].concat()] {
        assert_eq!(examine(&changed, None).unwrap_err(), Fault::Seal);
    }
    // Somebody else's seal on the same pages is not ours.
    let told = pdf::Told {
        at: house.app.clock.now(),
        name: "Мошенник".to_owned(),
        reason: "Всё верно".to_owned(),
        contact: "https://example.com".to_owned(),
    };
    let forger = Sealer::new("ООО «Сервис-ИТ»", house.app.clock.now()).unwrap();
    let forged = pdf::seal(&copy, &forger, &told).unwrap();
    assert!(examine(&forged, None).is_ok());
    assert_eq!(examine(&forged, Some(&trusted)).unwrap_err(), Fault::Certificate);
}

fn a_refusal_is_sealed_too(house: &House) {
    for (language, number) in [("ru", 0), ("uk", 1), ("en", 2)] {
        let job = Job::plain(house);
        job.begin();
        let act = job.act_in(language);
        let mut refusal = job.signature(&act);
        refusal["outcome"] = json!("refused");
        refusal["remarks"] = json!("Не работает");
        refusal.as_object_mut().unwrap().remove("ink");
        house.technician().post(&format!("/acts/{}/signatures", id(&act)), &refusal).is(201);
        let evidence = examine(&signed(&house.technician(), &act), None).unwrap().evidence.unwrap();
        assert_eq!(evidence["signatures"][0]["outcome"], "refused", "{number}");
    }
}

fn with_input(installed: &Installation, words: &[&str], input: &str) -> Output {
    let mut running =
        installed.command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

#[test]
fn an_operator_installs_and_renews_the_key() {
    for postgres in [false, true] {
        let Some(mut installed) = Installation::new(postgres) else { continue };
        for words in [["seal", "list"], ["seal", "certificates"], ["audit", "verify"], ["audit", "root"]] {
            let nothing = with_input(&installed, &words, "");
            assert!(!nothing.status.success() && said(&nothing.stderr).contains("there is no database"), "{nothing:?}");
            assert!(!installed.folder().exists(), "looking makes nothing");
        }
        let early = with_input(&installed, &["seal", "rotate"], "");
        assert!(!early.status.success() && said(&early.stderr).contains("not described yet"), "{early:?}");
        let list = with_input(&installed, &["seal", "list"], "");
        assert!(said(&list.stdout).contains("No key yet"), "{list:?}");
        let file = installed.folder().join("seal.p12");
        let sealer = Sealer::new("Удостоверяющий центр", naryad::db::types::Timestamp::now()).unwrap();
        let mut packed = openssl::pkcs12::Pkcs12::builder();
        let certificate = openssl::x509::X509::from_der(&sealer.certificates[0]).unwrap();
        packed.pkey(&sealer.key).cert(&certificate);
        std::fs::write(&file, packed.build2("geheim").unwrap().to_der().unwrap()).unwrap();
        let path = file.to_str().unwrap();
        let early = Sealer::new("Рано", naryad::db::types::Timestamp::now().plus_seconds(90 * 86_400)).unwrap();
        let mut unready = openssl::pkcs12::Pkcs12::builder();
        let certificate = openssl::x509::X509::from_der(&early.certificates[0]).unwrap();
        unready.pkey(&early.key).cert(&certificate);
        let later = installed.folder().join("later.p12");
        std::fs::write(&later, unready.build2("geheim").unwrap().to_der().unwrap()).unwrap();
        let refused = with_input(&installed, &["seal", "install", later.to_str().unwrap()], "geheim\n");
        assert!(said(&refused.stderr).contains("is good from"), "{refused:?}");
        let wrong = with_input(&installed, &["seal", "install", path], "falsch\n");
        assert!(!wrong.status.success() && said(&wrong.stderr).contains("password is wrong"), "{wrong:?}");
        let done = with_input(&installed, &["seal", "install", path], "geheim\n");
        assert!(done.status.success(), "{done:?}");
        let twice = with_input(&installed, &["seal", "install", path], "geheim\n");
        assert!(said(&twice.stderr).contains("installed already"), "{twice:?}");
        assert!(installed.add_user("admin", "admin").status.success());
        installed.serve();
        let provider = json!({"legal_name": "ООО", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                              "vat": {"mode": "not_payer"}});
        installed.person("admin").put("/provider", &provider).is(200);
        let renewed = with_input(&installed, &["seal", "rotate"], "");
        assert!(renewed.status.success(), "{renewed:?}");
        let list = said(&with_input(&installed, &["seal", "list"], "").stdout);
        assert!(list.contains("ООО (made, seals now)"), "{list}");
        assert!(list.contains("Удостоверяющий центр (installed, sealed before)"), "{list}");
        let pem = with_input(&installed, &["seal", "certificates"], "").stdout;
        assert_eq!(pem, Person::stranger(&installed.base()).get_root("/verify/certificates.pem").bytes());
        assert_eq!(from_pem(&pem).unwrap()[1], sealer.certificates[0]);
        installed.kill();
        // A certificate that was used before is put back with its key.
        let back = with_input(&installed, &["seal", "install", path], "geheim\n");
        assert!(back.status.success(), "{back:?}");
        let list = said(&with_input(&installed, &["seal", "list"], "").stdout);
        assert!(list.contains("Удостоверяющий центр (installed, seals now)"), "{list}");
        assert!(list.contains("ООО (made, sealed before)"), "{list}");
        let revoke = |which: &str| with_input(&installed, &["seal", "revoke", which], "");
        let ours = Sha256::of(&from_pem(&pem).unwrap()[0]).to_string();
        let installed_one = Sha256::of(&sealer.certificates[0]).to_string();
        for (which, why) in
            [("x", "is no SHA-256"), (&"0".repeat(64), "no such certificate"), (&installed_one, "the one that seals")]
        {
            let refused = revoke(which);
            assert!(!refused.status.success() && said(&refused.stderr).contains(why), "{refused:?}");
        }
        let revoked = revoke(&ours);
        assert!(revoked.status.success() && said(&revoked.stdout).contains("ООО (made, revoked)"), "{revoked:?}");
        // A secret that is given for the first time locks the key anew; after that no other one opens it, and the operator
        // learns it at the start.
        let (first, other) = ("x".repeat(40), "y".repeat(40));
        installed.serve_with(&["--secret", &first]);
        let put_back = installed.person("admin").get("/events?action=seal.put_back").is(200);
        assert_eq!(
            put_back["data"][0]["facts"]["after"]["certificate_sha256"],
            json!(Sha256::of(&sealer.certificates[0]))
        );
        let locked = installed.person("admin").get("/events?action=seal.locked_anew").is(200);
        assert_eq!(locked["data"].as_array().unwrap().len(), 1, "{locked}");
        installed.kill();
        for more in [&["--secret", &other][..], &[]] {
            let changed = installed.command(&[&["serve"], more].concat()).stderr(Stdio::piped()).output().unwrap();
            let why = said(&changed.stderr);
            assert!(!changed.status.success() && why.contains("naryad seal rotate"), "{changed:?}");
            assert!(why.contains("or leave it out"), "{why}");
        }
        // The organisation's own certificate is put back under the new secret, too.
        let again = with_input(&installed, &["seal", "install", path, "--secret", &other], "geheim\n");
        assert!(again.status.success(), "{again:?}");
        installed.serve_with(&["--secret", &other]);
        installed.kill();
    }
}
