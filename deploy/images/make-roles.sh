#!/bin/sh
# Makes the database and its roles, when Postgres starts for the first time: the catalog's, which owns the one database
# and is no superuser, and the exporter's, which sees statistics and no rows.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\set onsale `cat /keys/postgres-onsale`
\set observer `cat /keys/postgres-observer`
create role onsale login password :'onsale';
create database onsale owner onsale;
revoke all on database onsale from public;
create role observer login password :'observer' in role pg_monitor;
grant connect on database onsale to observer;
SQL
