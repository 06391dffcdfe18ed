package query

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"zombiezen.com/go/sqlite"

	"asof/inspect"
	"asof/replay"
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
		"dec":     scalar(1, func(a []sqlite.Value) (sqlite.Value, error) { return decimal(a, nil) }),
		"dec_add": scalar(2, func(a []sqlite.Value) (sqlite.Value, error) { return decimal(a, exact.Add) }),
		"dec_sub": scalar(2, func(a []sqlite.Value) (sqlite.Value, error) { return decimal(a, exact.Sub) }),
		"dec_mul": scalar(2, func(a []sqlite.Value) (sqlite.Value, error) { return decimal(a, exact.Mul) }),
		"dec_cmp": scalar(2, compare),
	}
	for name, kind := range map[string]sumKind{"sum": sums, "total": totals, "avg": averages} {
		all[name] = &sqlite.FunctionImpl{NArgs: 1, Deterministic: true, MakeAggregate: func(sqlite.Context) (sqlite.AggregateFunction, error) {
			return &sum{db: db, kind: kind}, nil
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
	words := strings.Split(args[0].Text(), markSep)
	i := slices.IndexFunc(db.src.Projections, func(p Projection) bool { return p.Name == words[0] })
	if len(words) != 3 || i < 0 {
		return sqlite.Value{}, &Error{Offset: -1, Msg: "blame needs a row of a table of states", Next: "write blame(cart, '/total') for the table cart, and blame(this, '/total') for the table state"}
	}
	path, err := state.ParsePath(args[1].Text())
	if err != nil {
		return sqlite.Value{}, err
	}
	subject, to, err := db.src.Projections[i].Of(db.ctx, words[1], words[2])
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

// exact computes without rounding.
var exact = apd.Context{MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps}

// A NumberError is a value that is not a number.
func notNumber(text string) error {
	return &Error{Offset: -1, Msg: fmt.Sprintf("%q is not a number", text), Next: "leave it out with WHERE"}
}

// mostExponent keeps hostile numbers, such as 1e999999999, from taking all memory.
const mostExponent = 1000

func decimalOf(v sqlite.Value) (*apd.Decimal, error) {
	text := strings.TrimSpace(v.Text())
	switch v.Type() {
	case sqlite.TypeFloat:
		text = state.FormatFloat(v.Float())
	case sqlite.TypeInteger:
	default:
		if !state.IsNumber(text) {
			return nil, notNumber(text)
		}
	}
	d, _, err := apd.NewFromString(text)
	if err != nil || d.Form != apd.Finite || d.Exponent > mostExponent || d.Exponent < -mostExponent {
		return nil, notNumber(text)
	}
	return d, nil
}

// decimalValue is a decimal as SQL has it: a number if one holds it, else its text.
func decimalValue(d *apd.Decimal) sqlite.Value {
	text := d.Text('f')
	if strings.Contains(text, ".") {
		return number(text)
	}
	if v := number(text); v.Type() != sqlite.TypeText {
		return v
	}
	return sqlite.TextValue(text)
}

func decimal(args []sqlite.Value, op func(d, x, y *apd.Decimal) (apd.Condition, error)) (sqlite.Value, error) {
	x, err := decimalOf(args[0])
	if err != nil {
		return sqlite.Value{}, err
	}
	if op == nil {
		return sqlite.TextValue(x.Text('f')), nil
	}
	y, err := decimalOf(args[1])
	if err != nil {
		return sqlite.Value{}, err
	}
	var d apd.Decimal
	if _, err := op(&d, x, y); err != nil {
		return sqlite.Value{}, notNumber(args[0].Text())
	}
	return sqlite.TextValue(d.Text('f')), nil
}

func compare(args []sqlite.Value) (sqlite.Value, error) {
	x, err := decimalOf(args[0])
	if err != nil {
		return sqlite.Value{}, err
	}
	y, err := decimalOf(args[1])
	if err != nil {
		return sqlite.Value{}, err
	}
	return sqlite.IntegerValue(int64(x.Cmp(y))), nil
}

type sumKind uint8

const (
	sums sumKind = iota
	totals
	averages
)

// A sum adds in decimal arithmetic. Like SQLite's, it takes text that is no number for 0.
type sum struct {
	db    *DB
	kind  sumKind
	of    apd.Decimal
	n     int64
	float bool // some number is no integer
}

// Step implements sqlite.AggregateFunction.
func (s *sum) Step(_ sqlite.Context, args []sqlite.Value) error { return s.add(args[0], 1) }

// WindowInverse implements sqlite.AggregateFunction.
func (s *sum) WindowInverse(_ sqlite.Context, args []sqlite.Value) error { return s.add(args[0], -1) }

func (s *sum) add(v sqlite.Value, sign int64) error {
	if v.Type() == sqlite.TypeNull {
		return nil
	}
	s.n += sign
	s.float = s.float || v.Type() != sqlite.TypeInteger
	d, err := decimalOf(v)
	if err != nil {
		return nil //nolint:nilerr // text counts as 0
	}
	d.Negative = d.Negative != (sign < 0)
	if _, err = exact.Add(&s.of, &s.of, d); err != nil && s.db.err == nil {
		s.db.err = err
	}
	return err
}

// digits of an average that has no end.
const averageDigits = 20

// WindowValue implements sqlite.AggregateFunction.
func (s *sum) WindowValue(sqlite.Context) (sqlite.Value, error) {
	switch {
	case s.kind == totals && s.n == 0:
		return sqlite.FloatValue(0), nil
	case s.n == 0:
		return sqlite.Value{}, nil
	case s.kind == averages:
		ctx := exact
		ctx.Precision = averageDigits
		var d apd.Decimal
		if _, err := ctx.Quo(&d, &s.of, apd.New(s.n, 0)); err != nil {
			return sqlite.Value{}, err
		}
		f, err := d.Float64()
		return sqlite.FloatValue(f), err
	}
	v := decimalValue(&s.of)
	if (s.float || s.kind == totals) && v.Type() == sqlite.TypeInteger {
		return sqlite.FloatValue(float64(v.Int64())), nil
	}
	return v, nil
}

// Finalize implements sqlite.AggregateFunction.
func (s *sum) Finalize(sqlite.Context) {}
