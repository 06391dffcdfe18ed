package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/query"
	"asof/replay/place"
)

// newMaterializeCmd returns the materialize command. A nil runF asks the question.
func newMaterializeCmd(a *app, runF func(ask.Materialize) error) *cobra.Command {
	var q ask.Materialize
	var f targetFlags
	if runF == nil {
		runF = a.runMaterialize
	}
	c := &cobra.Command{
		Use:   "materialize STORE [PROJECTION]",
		Short: "Keep all states as a table in another database",
		Long: `Write the states of a projection as a table, with the rows and columns of asof
query: a row for each stream, a column for each member. The store is only read.

--to names a SQLite file, a PostgreSQL database, a Redis or Valkey server, or a
folder: carts/ gets the Parquet files states, history and changes. The rows are
written aside, counted, and swapped in at once: readers see the old rows or the
new ones, and a run that is killed changes nothing. asof never replaces what it
did not write.

A later run folds only the streams that have new events; the target records
where each stream ended. All rows are built again if the fold, the store, the
columns or asof itself has changed, or if the store has lost events. An event
changed in place goes unnoticed; --rebuild folds all streams.

The table asof_checkpoint, the folder's manifest.json or the key cart:checkpoint
holds the position of the rows. --shard 2/8 writes the second of eight parts of
a folder, so that eight processes can share the work; give all the same --at.` + exits(exitNoFold),
		Example: `  asof materialize shop.db cart --to carts.sqlite
  asof materialize shop.db cart --to march.sqlite --at 2026-03-01
  asof materialize shop.db cart --to carts.sqlite --table open_carts --columns total,status
  asof materialize shop.db cart --to postgres://app@db/read --table public.carts
  asof materialize shop.db cart --to redis://localhost/0?prefix=cart:
  asof materialize shop.db cart --to carts/ --shard 2/8 --at 2026-03-01`,
		Args: args(1, 2, "STORE", "PROJECTION"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			q.StoreRef = f.of(args[0])
			if q.Folding, err = f.one(); err != nil {
				return err
			}
			if len(args) == 2 {
				if q.Fold != "" || f.Projection != "" {
					return usagef("give one of them", "both PROJECTION and a flag for the fold")
				}
				q.Folding.Projection = args[1]
			}
			return runF(q)
		},
	}
	fl := c.Flags()
	fl.StringVar(&q.To, "to", "", "the SQLite file of the table, a PostgreSQL database, redis://HOST/0, or a folder/ of Parquet files")
	fl.StringVar(&q.Model, "table", "", "the name of the table (default: that of the projection); in PostgreSQL, read.carts is in the schema read")
	fl.StringSliceVar(&q.Columns, "columns", nil, "only these columns, and stream (default: all)")
	addAt(fl, &q.At)
	fl.Lookup("at").Usage = "the moment of the rows: a point of the store"
	addShard(fl, &q.Shard)
	fl.BoolVar(&q.Rebuild, "rebuild", false, "fold all streams, also those without new events")
	f.addButTable(a, c)
	f.foldFlags.add(c)
	return c
}

func (a *app) runMaterialize(q ask.Materialize) error {
	return askOne(a, q.Ask, func(m *ask.Materialized) error {
		p := a.out()
		p.Materialized(m, a.materializeNext(q, m))
		return p.Flush()
	})
}

// materializeNext suggests to list the streams whose fold failed, or to compare the rows
// with replay.
func (a *app) materializeNext(q ask.Materialize, m *ask.Materialized) [][]string {
	if m.Failed > 0 {
		sql := "SELECT stream, error FROM " + query.Quoted(m.Projection) + " WHERE error IS NOT NULL"
		return [][]string{a.suggest(q.StoreRef, "query", sql, typedFold(q.Folding)...)}
	}
	const most = 3 // columns
	var columns []string
	for _, c := range m.Columns {
		if c.IsMember && len(columns) < most && !strings.ContainsAny(c.Name+c.Path, ",= ") {
			columns = append(columns, c.Name+"="+c.Path)
		}
	}
	if len(columns) == 0 || m.AsOf != "" || m.Trailed || place.Parse(q.To).Kind() == place.KindRedis {
		return nil
	}
	words, flags := []string{q.Store}, []string{"--against", q.To, "--table", m.Table, "--key", "stream", "--map", strings.Join(columns, ",")}
	if q.Folding.Projection != "" {
		words = append(words, q.Folding.Projection)
	} else {
		flags = append(flags, typedFold(q.Folding)...)
	}
	return [][]string{append([]string{"asof"}, argsOf("drift", words, append(flags, a.typedStore(q.StoreRef)...))...)}
}
