//! Who may come in, and for how long.

use serde_json::json;

use crate::house::on_each_database;

#[test]
fn a_session_is_renewed_once_for_each_token() {
    on_each_database(|house| {
        let stranger = house.stranger();
        stranger.get("/me").refused(401, "unauthenticated");
        stranger.post("/auth/login", &json!({"login": "admin", "password": "wrong"})).is(401);
        let first = stranger.post("/auth/login", &json!({"login": "admin", "password": "admin-password"})).is(200);
        assert_eq!((&first["token_type"], &first["user"]["role"]), (&json!("Bearer"), &json!("admin")));
        let refresh = |token: &serde_json::Value| stranger.post("/auth/refresh", &json!({"refresh_token": token}));
        let second = refresh(&first["refresh_token"]).is(200);
        let third = refresh(&second["refresh_token"]).is(200);
        assert_eq!(third["session_id"], first["session_id"]);
        // An old token in another hand ends the session for both.
        refresh(&first["refresh_token"]).is(401);
        refresh(&third["refresh_token"]).is(401);
    });
}

#[test]
fn the_program_tells_that_it_lives() {
    on_each_database(|house| {
        let document = house.stranger().get("/openapi.json").is(200);
        assert_eq!(document["info"]["title"], "Naryad");
        house.stranger().get("/nothing").refused(404, "not_found");
    });
}
