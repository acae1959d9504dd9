DROP TABLE idempotency_keys;
DROP TABLE creations;
DROP TABLE counters;
DROP TABLE event_chain;
DROP TABLE unsealed_events;
DROP TABLE events;
