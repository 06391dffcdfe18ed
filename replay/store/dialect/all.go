package dialect

import (
	"slices"

	"asof/replay/store/jsonfile"
	"asof/replay/store/mysql"
	"asof/replay/store/postgres"
	"asof/replay/store/sqlite"
)

// SQLite returns the SQLite dialects. A file that matches two of them is ambiguous.
func SQLite() []sqlite.Dialect {
	return slices.Concat([]sqlite.Dialect{
		nativeDialect, pyEventsourcing, sqlalchemyDialect, djangoDialect, emmettSQLite, railsEventStore,
		hallgrenDialect, broadwayDialect, eventSauce, sqlStreamStore, eventFlow, patchlevelDialect,
		spatieDialect, cqrsES, nEventStore, eventuousSQLite, resolveSQLite, eventSourcerySQLite, ocelDialect,
		simpleHistorySQLite(), reversionSQLite(), paperTrailSQLite(), enversSQLite(), continuumSQLite(), auditlogSQLite(),
		{Name: "sqlite-history", Match: matchSQLiteHistory},
	}, changeLogsSQLite())
}

// Files returns the kinds of files that are a single object.
func Files() []jsonfile.ObjectFile {
	return []jsonfile.ObjectFile{{Dialect: ocelDialect.Name, Fits: looksLikeOCEL, Open: openOCEL}}
}

// Postgres returns the PostgreSQL dialects, which are tried in every schema. A database
// with two stores is ambiguous.
func Postgres() []postgres.Dialect {
	return slices.Concat([]postgres.Dialect{
		{Name: "eventsourcing-postgres", Match: matchPgEventsourcing},
		{Name: "eventsourcing-sqlalchemy-postgres", Match: matchPgSQLAlchemy},
		{Name: "eventsourcing-django-postgres", Match: matchPgDjango},
		{Name: "marten", Match: matchMarten},
		{Name: "message-db", Match: matchMessageDB},
		{Name: "rails-event-store-postgres", Match: matchServerRails[*postgres.Probe]},
		{Name: "commanded", Match: matchCommanded},
		{Name: "axon", Match: matchAxon[*postgres.Probe]},
		{Name: "axon-5", Match: matchAxon5[*postgres.Probe]},
		{Name: "akka-jdbc", Match: matchAkka},
		{Name: "akka-jdbc-legacy", Match: matchAkkaLegacy},
		{Name: "akka-r2dbc", Match: matchAkkaR2DBC},
		{Name: "akka-net", Match: matchAkkaNET},
		{Name: "emmett-postgres", Match: matchPgEmmett},
		{Name: "eventuous", Match: matchEventuous},
		{Name: "prooph", Match: matchProoph},
		{Name: "disintegrate", Match: matchDisintegrate},
		{Name: "zitadel", Match: matchZitadel},
		{Name: "castore", Match: matchCastore},
		{Name: "goes", Match: matchGoes},
		{Name: "go-eventually", Match: matchEventually},
		{Name: "resolve", Match: matchResolve},
		{Name: "event-sourcery", Match: matchEventSourcery},
		{Name: hallgrenDialect.Name, Match: matchPgHallgren},
		{Name: cqrsES.Name, Match: matchServerCqrsES[*postgres.Probe]},
		{Name: broadwayDialect.Name, Match: matchServerBroadway[*postgres.Probe]},
		{Name: patchlevelDialect.Name, Match: matchServerPatchlevel[*postgres.Probe]},
		{Name: spatieDialect.Name, Match: matchServerSpatie[*postgres.Probe]},
		{Name: eventSauce.Name, Match: matchServerEventSauce[*postgres.Probe]},
		{Name: sqlStreamStore.Name, Match: matchServerSQLStreamStore[*postgres.Probe]},
		{Name: eventFlow.Name, Match: matchPgEventFlow},
		{Name: nEventStore.Name, Match: matchPgNEventStore},
		simpleHistoryPostgres(), reversionPostgres(), paperTrailPostgres(), enversPostgres(), continuumPostgres(), auditlogPostgres(),
		{Name: "pghistory", Match: matchPgHistory},
		{Name: "audit-trigger", Match: matchAuditTrigger},
		{Name: "supa-audit", Match: matchSupaAudit},
		{Name: "temporal-tables", Match: matchTemporalTables},
	}, changeLogsPostgres())
}

// MySQL returns the dialects of MySQL and MariaDB. A database with two stores is ambiguous.
func MySQL() []mysql.Dialect {
	return slices.Concat([]mysql.Dialect{
		{Name: "broadway", Match: matchServerBroadway[*mysql.Probe]},
		{Name: "eventsauce", Match: matchServerEventSauce[*mysql.Probe]},
		{Name: "patchlevel", Match: matchServerPatchlevel[*mysql.Probe]},
		{Name: "spatie", Match: matchServerSpatie[*mysql.Probe]},
		{Name: "cqrs-es", Match: matchServerCqrsES[*mysql.Probe]},
		{Name: railsEventStore.Name, Match: matchServerRails[*mysql.Probe]},
		{Name: "axon", Match: matchAxon[*mysql.Probe]},
		{Name: "axon-5", Match: matchAxon5[*mysql.Probe]},
		{Name: sqlStreamStore.Name, Match: matchServerSQLStreamStore[*mysql.Probe]},
		{Name: nEventStore.Name, Match: matchMyNEventStore},
		{Name: "simple-history", Match: matchSimpleHistory[*mysql.Probe]},
		{Name: "reversion", Match: matchReversion[*mysql.Probe]},
		{Name: "paper-trail", Match: matchPaperTrail[*mysql.Probe]},
		{Name: "envers", Match: matchEnvers[*mysql.Probe]},
		systemVersioned(),
	}, changeLogsMySQL())
}
