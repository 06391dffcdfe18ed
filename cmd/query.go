package cmd

import (
	"cmp"
	"iter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/query"
	"asof/inspect/wire"
)

type queryOptions struct {
	ask.Query
	tables  bool // list the tables instead
	explain bool // say what would be read instead
	form    string
	timeout time.Duration // zero: none
}

const queryLong = `Run one SELECT in SQLite's SQL. Nothing can be written. On a terminal, without
SQL, open a prompt.

Tables:
  events         a row for each event
  streams        a row for each stream
  NAME           a row for each stream that the projection NAME of asof.toml folds:
                 a column for each member of its state, and state for all of it
  NAME_history   a row for each event: the state after it, and how long it held
  NAME_changes   a row for each change that an event made: op, path, [from], [to]
Without a projection in asof.toml, or with --fold, NAME is state.

--at sets the moment of all tables; cart('2026-03-01') is the table cart as of
another one. Times are UTC text: time >= '2026-03-01'. t('yesterday') reads a
time as --at does.

sum, total, avg and round calculate in decimal. +, - and * are SQLite's, in
doubles: 0.1 + 0.2 is 0.30000000000000004, but dec_add(0.1, 0.2) is 0.3. A
number that no double can hold is text; dec_add, dec_sub, dec_mul and dec_cmp
take it. member(state, '/items/0/qty') reads a path of a state, and blame(cart,
'/total') is the event that last set it, as JSON.

The history of a long stream starts from a cached state if a condition bounds
version or position from below. ORDER BY and LIMIT do not.

asof materialize keeps the table NAME in another database.`

// newQueryCmd returns the query command. A nil runF asks the question.
func newQueryCmd(a *app, runF func(queryOptions) error) *cobra.Command {
	var o queryOptions
	var f targetFlags
	if runF == nil {
		runF = a.runQuery
	}
	c := &cobra.Command{
		Use:   "query STORE [SQL | -f FILE | --tables]",
		Short: "Ask in SQL, as of any moment",
		Long:  queryLong + exits(exitNoFold),
		Example: `  asof query shop.db --tables
  asof query shop.db "SELECT stream, total FROM cart WHERE total < 0" --at 2026-03-01
  asof query shop.db "SELECT stream, version, actor FROM cart_changes WHERE path = '/total'" -o csv
  asof query shop.db "SELECT stream, since_time, until_time FROM cart_history WHERE total < 0"
  asof query shop.db -f march.sql -o ndjson`,
		Args: func(c *cobra.Command, given []string) error {
			if o.tables || o.SQLFile != "" {
				return args(1, 1, "STORE")(c, given)
			}
			if len(given) == 1 && a.talks() {
				return nil
			}
			return args(2, 2, "STORE", "SQL")(c, given)
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			o.StoreRef = f.of(args[0])
			if o.Folding, err = f.one(); err != nil {
				return err
			}
			if len(args) == 2 {
				o.SQL = args[1]
			}
			if c.Flags().Changed("timeout") {
				o.Timeout = o.timeout.String()
			}
			return runF(o)
		},
	}
	f.add(a, c)
	o.addFlags(c.Flags())
	return c
}

func (o *queryOptions) addFlags(fl *pflag.FlagSet) {
	addAt(fl, &o.At)
	fl.Lookup("at").Usage = "the moment of all tables: a point of the store"
	fl.StringVarP(&o.SQLFile, "file", "f", "", "read the SQL from this file; - is standard input")
	fl.BoolVar(&o.tables, "tables", false, "list the tables with their columns and a row of each")
	fl.BoolVar(&o.explain, "explain", false, "print what would be read and folded, instead of the answer")
	fl.StringVarP(&o.form, "output", "o", "", "table (the default), csv, json, ndjson, md or parquet")
	fl.DurationVar(&o.timeout, "timeout", 0, "end the question after this time (default: never)")
	fl.IntVarP(&o.Limit, "limit", "n", 0, "print at most this many rows")
	fl.StringVar(&o.Cursor, "cursor", "", "continue the list that printed this cursor")
}

func (a *app) runQuery(o queryOptions) error {
	if err := a.checkForm(o); err != nil {
		return err
	}
	if !o.tables && o.SQL == "" && o.SQLFile == "" && a.talks() {
		return a.promptSQL(o)
	}
	if o.tables {
		return askOne(a, ask.QueryTables{StoreRef: o.StoreRef, Folding: o.Folding, At: o.At, Timeout: o.Timeout}.Ask, func(s *query.Schema) error {
			p := a.out()
			show(p, s, wire.NewQueryTables, (*render.Printer).Tables)
			return p.Flush()
		})
	}
	if o.explain {
		err := askOne(a, ask.QueryPlan{Query: o.Query}.Ask, func(plan *query.Plan) error {
			p := a.out()
			show(p, plan, wire.NewQueryPlan, (*render.Printer).Plan)
			return p.Flush()
		})
		return a.schemaAsked(o, err)
	}
	err := askList(a, o.Ask, func(seq iter.Seq2[ask.QueryRow, error]) error {
		p, cursor := a.out(), ""
		seq = noting(seq, func(r ask.QueryRow) string { return r.Cursor }, &cursor)
		if err := p.Rows(seq, render.RowForm(cmp.Or(o.form, string(render.RowTable)))); err != nil {
			return err
		}
		if err := p.Flush(); err != nil {
			return err
		}
		a.more(cursor)
		return nil
	})
	return a.schemaAsked(o, err)
}
