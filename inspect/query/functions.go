package query

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/inspect"
	"asof/replay"
	"asof/replay/decimal"
	"asof/replay/state"
)

// functions registers what SQL has beside SQLite's own functions.
func (db *DB) functions() error {
	scalar := func(n int, f func([]sqlite.Value) (sqlite.Value, error)) *sqlite.FunctionImpl {
		return &sqlite.FunctionImpl{NArgs: n, Deterministic: true, Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			for _, v := range args {
				if v.Type() == sqlite.TypeNull {
					return sqlite.Value{}, nil
				}
			}
			v, err := f(args)
			if err != nil && db.err == nil {
				db.err = err
			}
			return v, err
		}}
	}
	all := map[string]*sqlite.FunctionImpl{
		"t":       scalar(1, db.instant),
		"blame":   scalar(2, db.blame),
		"member":  scalar(2, member),
		"dec":     scalar(1, func(a []sqlite.Value) (sqlite.Value, error) { return exactly(a, nil) }),
		"dec_add": scalar(2, func(a []sqlite.Value) (sqlite.Value, error) { return exactly(a, decimal.Decimal.Plus) }),
		"dec_sub": scalar(2, func(a []sqlite.Value) (sqlite.Value, error) { return exactly(a, decimal.Decimal.Minus) }),
		"dec_mul": scalar(2, func(a []sqlite.Value) (sqlite.Value, error) { return exactly(a, decimal.Decimal.Times) }),
		"dec_cmp": scalar(2, compare),
		"round":   scalar(1, round),
	}
	if err := db.conn.CreateFunction("round", scalar(2, round)); err != nil {
		return err
	}
	for name, kind := range map[string]sumKind{"sum": sums, "total": totals, "avg": averages} {
		all[name] = &sqlite.FunctionImpl{NArgs: 1, Deterministic: true, MakeAggregate: func(sqlite.Context) (sqlite.AggregateFunction, error) {
			return &sum{db: db, kind: kind, of: zero}, nil
		}}
	}
	for name, f := range all {
		if err := db.conn.CreateFunction(name, f); err != nil {
			return err
		}
	}
	return nil
}

// instant reads a point in time as the option of the moment does.
func (db *DB) instant(args []sqlite.Value) (sqlite.Value, error) {
	text := args[0].Text()
	p, err := replay.ParsePoint(text, db.src.Env)
	if err != nil {
		return sqlite.Value{}, err
	}
	at, ok := p.Time()
	if !ok {
		return sqlite.Value{}, &Error{Offset: -1, Msg: fmt.Sprintf("%q is not a time", text), Next: "write t('2026-03-01') or t('2026-03-01 12:00')"}
	}
	if first, _, ok := p.Period(); ok {
		at = first
	}
	return timeValue(at), nil
}

// member reads a path of a state, which is JSON.
func member(args []sqlite.Value) (sqlite.Value, error) {
	v, err := state.Parse([]byte(args[0].Text()))
	if err != nil {
		return sqlite.Value{}, &Error{Offset: -1, Msg: "member: " + err.Error(), Next: "write member(state, '/path')"}
	}
	path, err := state.ParsePath(args[1].Text())
	if err != nil {
		return sqlite.Value{}, err
	}
	found, err := path.Lookup(v)
	if err != nil {
		return sqlite.Value{}, nil //nolint:nilerr // what is not there is NULL
	}
	return valueOf(found), nil
}

// blame is the event that last set a path of a state, as JSON. The state is named by the
// hidden column of its table: blame(cart, '/total').
func (db *DB) blame(args []sqlite.Value) (sqlite.Value, error) {
	name, rest, _ := strings.Cut(args[0].Text(), markSep)
	last := strings.LastIndex(rest, markSep) // the stream may have some as well
	i := slices.IndexFunc(db.src.Projections, func(p Projection) bool { return p.Name == name })
	if last < 0 || i < 0 {
		return sqlite.Value{}, &Error{Offset: -1, Msg: "blame needs a row of a table of states", Next: "write blame(cart, '/total') for the table cart, and blame(this, '/total') for the table state"}
	}
	path, err := state.ParsePath(args[1].Text())
	if err != nil {
		return sqlite.Value{}, err
	}
	subject, to, err := db.src.Projections[i].Of(db.ctx, rest[:last], rest[last+len(markSep):])
	if err != nil {
		return sqlite.Value{}, err
	}
	if err := db.drain(); err != nil {
		return sqlite.Value{}, err
	}
	b, err := inspect.Blame(db.ctx, subject, replay.Interval{To: to}, path.String())
	var missing *state.PathError
	switch {
	case errors.As(err, &missing):
		return sqlite.Value{}, nil
	case err != nil:
		return sqlite.Value{}, err
	}
	return setter(b), nil
}

// setter is the event that last set the path that was asked for, or anything below it.
// What was there before the first event has none.
func setter(b *inspect.Blamed) sqlite.Value {
	by := b.Root().Last()
	if by == nil || by.Event == nil {
		return sqlite.Value{}
	}
	e := by.Event
	out := state.NewObject()
	out.Set("stream", state.StringValue(string(e.Stream)))
	out.Set("version", state.NumberValue(strconv.FormatInt(int64(e.Version), 10)))
	for name, text := range map[string]string{"id": e.ID, "type": e.Type, "actor": e.Meta.Actor} {
		if text != "" {
			out.Set(name, state.StringValue(text))
		}
	}
	if e.Position != replay.NoPosition {
		out.Set("position", state.NumberValue(strconv.FormatInt(int64(e.Position), 10)))
	}
	if t := timeValue(e.Time); t.Type() == sqlite.TypeText {
		out.Set("time", state.StringValue(t.Text()))
	}
	return jsonOf(out.Value())
}
