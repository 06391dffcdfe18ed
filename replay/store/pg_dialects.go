package store

// A pgDialect is what we know of one library's tables in PostgreSQL.
type pgDialect struct {
	name string

	// match binds the dialect to the tables of one schema. Where it does not fit,
	// the error says why, in words that go on from "it is not NAME: ".
	match func(p *pgProbe) (*layout, error)
}

// pgDialects are tried in every schema; a database that holds two stores is
// ambiguous.
func pgDialects() []pgDialect {
	return []pgDialect{
		{"eventsourcing-postgres", matchPgEventsourcing},
		{"eventsourcing-sqlalchemy-postgres", matchPgSQLAlchemy},
		{"eventsourcing-django-postgres", matchPgDjango},
		{"marten", matchMarten},
		{"message-db", matchMessageDB},
		{"rails-event-store-postgres", matchPgRails},
		{"commanded", matchCommanded},
		{"axon", matchAxon},
		{"akka-jdbc", matchAkka},
		{"emmett-postgres", matchPgEmmett},
		{"eventuous", matchEventuous},
		{"prooph", matchProoph},
		{"disintegrate", matchDisintegrate},
	}
}
