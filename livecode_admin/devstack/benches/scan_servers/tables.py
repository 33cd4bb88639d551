"""The tables of (c): one for each thing it touches, indexed for what it asks; a row for each code of the base."""

DJANGO_TABLES = """
CREATE TABLE bench_code (id bigint PRIMARY KEY, slug varchar(10) NOT NULL UNIQUE, position integer NOT NULL);
CREATE TABLE bench_seat (id bigint PRIMARY KEY, code_id bigint NOT NULL, position integer NOT NULL,
                         used integer NOT NULL, cap integer NOT NULL);
CREATE INDEX ON bench_seat (code_id, position);
CREATE TABLE bench_scan (id bigserial PRIMARY KEY, code_id bigint NOT NULL, seat_id bigint, at timestamptz NOT NULL,
                         agent varchar(300) NOT NULL);
CREATE INDEX ON bench_scan (code_id, at);
INSERT INTO bench_code SELECT id, slug, 0 FROM codes_livecode;
INSERT INTO bench_seat SELECT id, code_id, position, 0, 1000000 FROM routing_seat WHERE rung = 1;
GRANT ALL ON bench_code, bench_seat, bench_scan TO livecode_app;
GRANT ALL ON SEQUENCE bench_scan_id_seq TO livecode_app;
"""
