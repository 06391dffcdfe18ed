package mysql

import (
	"context"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"asof/replay/store/cell"
	"asof/replay/store/remote"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Probe gives dialects access to the tables of the database, and to rows if they need
// them.
type Probe struct {
	ctx     context.Context
	session *session
	remote.Namespace
	primary map[*table.Table][]string
	plain   map[*table.Table]string // engines without snapshots, by table
	periods map[*table.Table]Period // WITH SYSTEM VERSIONING
}

// Collated returns SQL for a text in the session's character set, whose order is that of
// the bytes.
func (p *Probe) Collated(e string) string { return "CAST(" + e + " AS CHAR)" }

// Text returns SQL for a column as text.
func (p *Probe) Text(alias string, t *table.Table, column string) string {
	e, typ := t.Ref(alias, column), t.Column(column).Type
	if classOf(typ) == isBytes {
		return "CAST(" + e + " AS CHAR)"
	}
	return id(e, typ)
}

// id returns SQL for an id. Bytes, as UUIDs often are, are shown in hexadecimal.
func id(e, typ string) string {
	switch classOf(typ) {
	case isText:
		return e
	case isBytes:
		return "lower(hex(" + e + "))"
	case isInteger: // + 0: without the zeros of ZEROFILL, and of BIT the number
		return "CAST(" + e + " + 0 AS CHAR)"
	}
	return "CAST(" + e + " AS CHAR)"
}

// Stream maps the stream of a layout to a column. The stream is shown as text but looked
// up in the column's own type, so that its index applies.
func (p *Probe) Stream(l *table.Layout, alias string, t *table.Table, column string) {
	c := t.Column(column)
	e := t.Ref(alias, column)
	l.Cols[source.Stream] = id(e, c.Type)
	switch classOf(c.Type) {
	case isText:
		// The index has the column's own order, in which a and A may be one.
		l.MatchStream = func(arg func(any) string, id string) (string, bool) {
			return e + " = " + arg(id) + " AND " + binaryText(e) + " = " + arg(id), isStorable(id)
		}
	case isBytes:
		l.StreamKey = e
		l.StreamArg = func(id string) (any, bool) {
			b, err := hex.DecodeString(id)
			return b, err == nil && hex.EncodeToString(b) == id
		}
	case isInteger:
		l.StreamKey = e
		l.StreamArg = number
	default:
		l.StreamKey = binaryText(e)
		l.StreamArg = func(id string) (any, bool) { return id, isStorable(id) }
	}
}

// number returns the number that an id shows.
func number(id string) (any, bool) {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		return n, strconv.FormatInt(n, 10) == id
	}
	n, err := strconv.ParseUint(id, 10, 64)
	return n, err == nil && strconv.FormatUint(n, 10) == id
}

// ID maps the id of events to a column.
func (p *Probe) ID(l *table.Layout, alias string, t *table.Table, column string) {
	l.Cols[source.ID] = id(t.Ref(alias, column), t.Column(column).Type)
}

// Optional maps a field to a column if the table has it.
func (p *Probe) Optional(l *table.Layout, c source.Field, alias string, t *table.Table, column string) {
	if t.Column(column) != nil {
		l.Cols[c] = p.Text(alias, t, column)
	}
}

// Texts returns the first column of a query.
func (p *Probe) Texts(sql string, args ...any) ([]string, error) {
	return p.session.Texts(p.ctx, sql, args...)
}

// One returns the single value of a query, or NULL if there is none.
func (p *Probe) One(sql string, args ...any) (cell.Value, error) {
	v, err := p.session.values(p.ctx, 1, sql, args...)
	return v[0], err
}

// Bytes returns SQL for a text that compares byte by byte.
func Bytes(e string) string { return binaryText(e) }

// readSchema reads the tables of the database that the user may see.
func readSchema(ctx context.Context, s *session, o *source.Options) (*Probe, error) {
	p := &Probe{
		ctx: ctx, session: s, primary: map[*table.Table][]string{}, plain: map[*table.Table]string{}, periods: map[*table.Table]Period{},
		Namespace: remote.Namespace{Opts: o, Schema: s.cfg.DBName, Tables: map[string]*table.Table{}, Views: map[string]*table.Table{}},
	}
	n := 0
	err := s.Run(ctx, `SELECT t.table_name, t.table_type, coalesce(t.engine, ''), c.column_name, c.data_type, c.column_type, c.is_nullable
		FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema = database()
		ORDER BY c.table_name, c.ordinal_position`, nil, func(r []cell.Value) error {
		typ := strings.ToLower(string(r[4].Text()))
		if strings.Contains(strings.ToLower(string(r[5].Text())), "unsigned") {
			typ += " unsigned"
		}
		c := table.Column{Name: string(r[3].Text()), Type: typ, NotNull: string(r[6].Text()) == "NO"}
		p.addColumn(string(r[1].Text()), string(r[0].Text()), string(r[2].Text()), c, &n)
		return nil
	})
	if err == nil {
		err = p.readKeys()
	}
	if err == nil && s.maria {
		err = p.readChecks()
	}
	if err == nil && len(p.periods) > 0 {
		err = p.readPeriods()
	}
	return p, err
}

// addColumn adds a column to its table. n counts the tables, up to MaxTables.
func (p *Probe) addColumn(kind, name, engine string, c table.Column, n *int) {
	in := p.Tables
	switch kind {
	case "BASE TABLE", "SYSTEM VERSIONED":
	case "SEQUENCE":
		return
	default:
		in = p.Views
	}
	t := p.Named(in, name)
	if t == nil {
		if *n++; *n > table.MaxTables {
			return
		}
		t = &table.Table{Name: name, WithoutRowID: true}
		p.Add(in, t)
		if kind == "SYSTEM VERSIONED" {
			p.periods[t] = Period{Start: "row_start", End: "row_end"} // which are hidden, unless readPeriods finds others
		}
		if engine != "" && engine != "InnoDB" {
			p.plain[t] = engine
		}
	}
	t.Cols = append(t.Cols, c)
}

// readKeys reads the unique indexes of the tables.
func (p *Probe) readKeys() error {
	last := ""
	return p.session.Run(p.ctx, `SELECT table_name, index_name, coalesce(column_name, '')
		FROM information_schema.statistics
		WHERE table_schema = database() AND non_unique = 0
		ORDER BY table_name, index_name, seq_in_index`, nil, func(r []cell.Value) error {
		name, index, column := string(r[0].Text()), string(r[1].Text()), string(r[2].Text())
		t := p.Table(name)
		if t == nil || t.Name != name {
			return nil
		}
		if index == "PRIMARY" {
			p.primary[t] = append(p.primary[t], column)
		}
		if key := name + "\x00" + index; key != last {
			last = key
			t.Uniques = append(t.Uniques, nil)
		}
		u := &t.Uniques[len(t.Uniques)-1]
		*u = append(*u, strings.ToLower(column))
		return nil
	})
}

// validJSON matches the check by which MariaDB declares a column JSON.
var validJSON = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("(?i)^\\s*json_valid\\s*\\(\\s*[`\"]((?:[^`\"])+)[`\"]\\s*\\)\\s*$")
})

// readChecks finds the columns of MariaDB that are JSON: text with a check.
func (p *Probe) readChecks() error {
	return p.session.Run(p.ctx, `SELECT table_name, check_clause FROM information_schema.check_constraints
		WHERE constraint_schema = database() AND check_clause LIKE '%json_valid%'`, nil, func(r []cell.Value) error {
		m := validJSON().FindSubmatch(r[1].Text())
		t := p.Table(string(r[0].Text()))
		if m == nil || t == nil {
			return nil
		}
		if c := t.Column(string(m[1])); c != nil && c.Type == "longtext" {
			c.Type = "json"
		}
		return nil
	})
}

// A Period names the columns with the times from which and until which the version of a
// row was the row.
type Period struct {
	Start, End string
	Numbers    bool // they hold numbers of transactions, not times
}

// Period returns the period of a table WITH SYSTEM VERSIONING.
func (p *Probe) Period(t *table.Table) (Period, bool) {
	period, ok := p.periods[t]
	return period, ok
}

// readPeriods reads which columns of tables WITH SYSTEM VERSIONING are not hidden. The end
// is a part of the primary key, and no column of the row's.
func (p *Probe) readPeriods() error {
	err := p.session.Run(p.ctx, `SELECT table_name, column_name, generation_expression FROM information_schema.columns
		WHERE table_schema = database() AND generation_expression IN ('ROW START', 'ROW END')`, nil, func(r []cell.Value) error {
		t := p.Table(string(r[0].Text()))
		period, ok := p.periods[t]
		if !ok {
			return nil
		}
		column := string(r[1].Text())
		if string(r[2].Text()) == "ROW START" {
			period.Start = column
		} else {
			period.End = column
		}
		c := t.Column(column)
		period.Numbers = period.Numbers || c != nil && classOf(c.Type) == isInteger
		p.periods[t] = period
		return nil
	})
	for t, period := range p.periods {
		p.primary[t] = slices.DeleteFunc(p.primary[t], func(c string) bool { return c == period.End })
	}
	return err
}
