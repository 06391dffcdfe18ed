package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
)

// A statement is written twice: over the tables of the store, and over plain tables that
// hold the same rows.
type statement struct {
	t       *rapid.T
	members []string
	moments []string
}

// A source is a table in FROM: how it is written over the store and over plain tables, and
// its columns.
type source struct {
	live, plain string
	columns     []string
}

var plainColumns = map[string][]string{
	"events":       {"stream", "category", "version", "position", "time", "type", "id", "data"},
	"streams":      {"stream", "category", "events", "first_version", "last_time"},
	"cart":         {"stream", "category", "version", "position", "time", "error", "state"},
	"cart_history": {"stream", "version", "position", "time", "type", "state", "since_position", "until_position", "until_time", "changed"},
	"cart_changes": {"stream", "version", "position", "type", "op", "path", "from", "to"},
}

func (s *statement) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(s.t, label)
}

// table draws a table under an alias.
func (s *statement) table(alias string) source {
	name := s.pick("table", "events", "streams", "cart", "cart", "cart_history", "cart_changes")
	out := source{live: name, plain: name}
	if at := s.pick("moment", append([]string{""}, s.moments...)...); at != "" {
		out.live, out.plain = name+"('"+at+"')", query.Quoted(name+"@"+at)
	}
	columns := slices.Clone(plainColumns[name])
	if name == "cart" || name == "cart_history" {
		columns = append(columns, s.members...)
	}
	for _, c := range columns {
		out.columns = append(out.columns, alias+"."+query.Quoted(c))
	}
	out.live, out.plain = out.live+" AS "+alias, out.plain+" AS "+alias
	return out
}

func (s *statement) literal() string {
	return s.pick("literal", "'s-0'", "'s-1'", "'S-1'", "'s'", "'A'", "NULL", "0", "1", "2", "2.5", "2.50", "10", "40", "'40'", "100", "'text'", "'[1,2]'",
		"'2026-01-01T00:05:00.000000000Z'", "'2026-01-01T00:1'", "12345678901234567890", "'/total'", "x'41'", "1e1", "-1", "9223372036854775807")
}

// condition draws a condition over columns.
func (s *statement) condition(columns []string, depth int) string {
	column, again := s.pick("column", columns...), s.pick("other column", columns...)
	if depth > 0 {
		switch s.pick("form", "and", "or", "or", "not", "leaf", "leaf") {
		case "and":
			return "(" + s.condition(columns, depth-1) + " AND " + s.condition(columns, depth-1) + ")"
		case "or":
			return "(" + s.condition(columns, depth-1) + " OR " + s.condition(columns, depth-1) + ")"
		case "not":
			return "NOT (" + s.condition(columns, depth-1) + ")"
		}
	}
	switch s.pick("leaf", "=", "=", "=", "<", "<=", ">", ">=", "<>", "is", "in", "between", "like", "glob", "null", "not null", "nocase", "sub", "exists", "columns") {
	case "is":
		return column + " IS " + s.literal()
	case "in":
		return column + " IN (" + s.literal() + ", " + s.literal() + ", " + s.literal() + ")"
	case "between":
		return column + " BETWEEN " + s.literal() + " AND " + s.literal()
	case "like":
		return column + " LIKE " + s.pick("pattern", "'s-%'", "'S-1'", "'%0%'", "'2026-01-01T00:0%'", "'1%'")
	case "glob":
		return column + " GLOB " + s.pick("pattern", "'s-*'", "'s-1'", "'2026-01-01T00:0*'", "'1*'")
	case "null":
		return column + " IS NULL"
	case "not null":
		return column + " IS NOT NULL"
	case "nocase":
		return column + s.pick("op", " = ", " < ", " >= ") + s.literal() + " COLLATE NOCASE"
	case "sub":
		return column + " IN (SELECT " + s.pick("of", "stream", "version", "position", "time", "type") + " FROM events WHERE position " + s.pick("op", "<", ">", "=") + " 60)"
	case "exists":
		return "EXISTS (SELECT 1 FROM cart z WHERE z.stream = " + column + " AND z.version > 1)"
	case "columns":
		return column + s.pick("op", " = ", " < ", " >= ") + again
	case "<>", "<", "<=", ">", ">=":
		return column + " " + s.pick("op", "<", "<=", ">", ">=", "<>") + " " + s.literal()
	}
	return column + " = " + s.literal()
}

// from draws the tables of a statement and how they are joined.
func (s *statement) from() source {
	out := s.table("a")
	for _, alias := range []string{"b", "c"}[:rapid.IntRange(0, 2).Draw(s.t, "joins")] {
		next := s.table(alias)
		join := s.pick("join", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " JOIN ", " CROSS JOIN ")
		on := "a.stream = " + alias + ".stream"
		switch s.pick("on", "stream", "more", "version") {
		case "more":
			on += " AND " + s.condition(append(slices.Clone(out.columns), next.columns...), 1)
		case "version":
			on = alias + "." + s.pick("column", "stream", "stream") + " = a.stream AND " + s.pick("left", out.columns...) + s.pick("op", " = ", " < ") + s.pick("right", next.columns...)
		}
		out.live += join + next.live + " ON " + on
		out.plain += join + next.plain + " ON " + on
		out.columns = append(out.columns, next.columns...)
	}
	return out
}

// term draws what is selected.
func (s *statement) term(columns []string) string {
	c := s.pick("term", columns...)
	switch s.pick("term form", "column", "column", "column", "typeof", "concat", "case", "plus") {
	case "typeof":
		return "typeof(" + c + ")"
	case "concat":
		return c + " || '/' || " + s.pick("term", columns...)
	case "case":
		return "CASE WHEN " + s.condition(columns, 1) + " THEN " + c + " END"
	case "plus":
		return c + " + 1"
	}
	return c
}

// write draws a statement. Its rows have an order if ordered.
func (s *statement) write() (live, plain string, ordered bool) {
	from := s.from()
	var terms []string
	for range rapid.IntRange(1, 4).Draw(s.t, "terms") {
		terms = append(terms, s.term(from.columns))
	}
	tail, group := "", s.pick("group", "", "", "group", "distinct", "window", "all")
	if rapid.IntRange(0, 4).Draw(s.t, "where") > 0 {
		tail += " WHERE " + s.condition(from.columns, 3)
	}
	selected := "SELECT "
	switch group {
	case "group":
		tail += " GROUP BY " + terms[0]
		for i := range terms[1:] {
			terms[i+1] = s.pick("aggregate", "count", "sum", "avg", "min", "max", "total", "count(DISTINCT ") + "(" + s.pick("of", from.columns...) + ")"
			terms[i+1] = strings.Replace(terms[i+1], "(DISTINCT (", "(DISTINCT ", 1)
		}
		if rapid.Bool().Draw(s.t, "having") {
			tail += " HAVING count(*) > 1"
		}
	case "distinct":
		selected += "DISTINCT "
	case "window":
		terms = append(terms, s.pick("function", "sum", "count", "min", "max")+"("+s.pick("of", from.columns...)+") OVER (PARTITION BY "+s.pick("of", from.columns...)+")")
	case "all":
		terms = []string{"count(*)", "count(" + s.pick("of", from.columns...) + ")", "sum(" + s.pick("of", from.columns...) + ")"}
	}
	if rapid.Bool().Draw(s.t, "ordered") {
		ordered = true
		var by []string
		for i := range terms {
			by = append(by, fmt.Sprint(i+1, s.pick("direction", "", " DESC")))
		}
		tail += " ORDER BY " + strings.Join(by, ", ") + s.pick("limit", "", " LIMIT 3", " LIMIT 5 OFFSET 2")
	}
	head := selected + strings.Join(terms, ", ") + " FROM "
	live, plain = head+from.live+tail, head+from.plain+tail
	switch s.pick("wrap", "", "", "cte", "sub", "union") {
	case "cte":
		live, plain = "WITH q AS ("+live+") SELECT * FROM q", "WITH q AS ("+plain+") SELECT * FROM q"
	case "sub":
		live, plain = "SELECT count(*) FROM ("+live+")", "SELECT count(*) FROM ("+plain+")"
	case "union":
		if !ordered {
			op := s.pick("set", " UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ")
			live, plain = live+op+live, plain+op+plain
		}
	}
	return live, plain, ordered
}

// values are the rows of an answer with the types of their values.
func values(db *query.DB, sql string) ([]string, error) {
	answer, err := db.Query(sql)
	if err != nil {
		return nil, err
	}
	var out []string
	for row, err := range answer.Rows {
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%T %v", row, row))
	}
	return out, nil
}

// TestSameAsPlainTables answers random statements over random histories as SQLite does over
// plain tables into which all rows of the tables were copied.
func TestSameAsPlainTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		for i := range events {
			if j := rapid.IntRange(0, len(events)-1).Draw(t, "swap"); j < len(events)/4 {
				events[i].Position, events[j].Position = events[j].Position, events[i].Position
			}
			if rapid.IntRange(0, 3).Draw(t, "time") == 0 {
				events[i].Time = time.Date(2026, 1, 1, 0, rapid.IntRange(0, 25).Draw(t, "minute"), 0, 0, time.UTC)
			}
			if rapid.IntRange(0, 30).Draw(t, "boom") == 0 {
				events[i].Data = []byte(`{"boom":1}`)
			}
		}
		slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
		moments := []string{"pos:" + fmt.Sprint(events[len(events)/2].Position), "2026-01-01T00:05:00Z"}
		db := openDB(t, events, "")
		defer db.Close() //nolint:errcheck // it has nothing to lose
		copied, err := db.PlainCopy(moments...)
		if err != nil {
			t.Fatal(err)
		}
		defer copied.Close() //nolint:errcheck // as above
		schema, err := db.Schema()
		if err != nil {
			t.Fatal(err)
		}
		columns := schema.Tables[2].Columns
		s := &statement{t: t, members: columns[slices.Index(columns, "state")+1:], moments: moments}
		// A question that may keep little folds in shares and keeps rows in a file.
		if rapid.Bool().Draw(t, "little memory") {
			defer query.SetMostHeld(rapid.SampledFrom([]int{2000, 4000, 10000}).Draw(t, "held"))()
		}
		for range 8 {
			live, plain, ordered := s.write()
			if reason := differ(t, events, copied, live, plain, ordered); reason != "" {
				t.Fatal(reason)
			}
		}
	})
}

// differ answers a statement over the store and over plain tables; empty: they are the same.
func differ(t *rapid.T, events []replay.Event, copied *query.DB, live, plain string, ordered bool) string {
	db := openDB(t, events, "") // which has not found the members of all states
	defer db.Close()            //nolint:errcheck // it has nothing to lose
	want, wantErr := values(copied, plain)
	got, gotErr := values(db, live)
	var size *query.SizeError
	if errors.As(gotErr, &size) {
		return "" // it says so
	}
	if !ordered {
		slices.Sort(want)
		slices.Sort(got)
	}
	if (wantErr == nil) == (gotErr == nil) && slices.Equal(got, want) {
		return ""
	}
	return fmt.Sprintf("%s\nis %q, %v\nand over plain tables\n%s\nis %q, %v", live, got, gotErr, plain, want, wantErr)
}

// TestEndsEarly: a statement that needs no more rows ends the pass that yields them, at the
// event of a fold that failed too.
func TestEndsEarly(t *testing.T) {
	var events []replay.Event
	for i := range 40 {
		data := `{"total":1}`
		if i%3 > 0 {
			data = `{"boom":1}`
		}
		events = append(events, event(fmt.Sprint("cart-", i), 1, i+1, "Set", data))
	}
	for n := range 6 {
		for _, sql := range []string{"SELECT stream, error FROM cart_history LIMIT %d", "SELECT stream, until_time FROM cart_history LIMIT %d", "SELECT stream FROM cart LIMIT %d", "SELECT stream FROM cart_changes LIMIT %d"} {
			db := openDB(t, events, "")
			if got := len(mustRows(t, db, fmt.Sprintf(sql, n))); got != n {
				t.Errorf("%s: %d rows, not %d", sql, got, n)
			}
			db.Close() //nolint:errcheck // it has nothing to lose
		}
	}
}

// TestMomentsOfRows answers statements in which a table has a moment for each row of another
// one, as they are over a table that holds the rows of all these moments.
func TestMomentsOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		db := openDB(t, events, "")
		defer db.Close() //nolint:errcheck // it has nothing to lose
		of := rapid.SampledFrom([]string{"events", "streams", "cart", "cart_history", "cart_changes"}).Draw(t, "table")
		var all []string
		for _, e := range events {
			all = append(all, fmt.Sprintf("SELECT *, %d AS moment FROM %s('pos:%d')", e.Position, of, e.Position))
		}
		s := statement{t: t}
		where := " WHERE e." + s.pick("of", "position > 40", "type = 'A'", "stream = 's-1'", "version = 1 OR e.position = 50")
		join := s.pick("join", " JOIN ", " LEFT JOIN ")
		on := s.pick("on", "1", "b.stream = e.stream", "b.stream = 's-1'")
		live := "SELECT e.id, b.* FROM events e" + join + of + "('pos:' || e.position) b ON " + on + where
		plain := "SELECT e.id, b.* FROM events e" + join + "(" + strings.Join(all, " UNION ALL ") + ") b ON b.moment = e.position AND " + on + where
		plain = strings.Replace(plain, "b.*", "b."+strings.Join(quotedColumns(t, db, of), ", b."), 1)
		live = strings.Replace(live, "b.*", "b."+strings.Join(quotedColumns(t, db, of), ", b."), 1)
		got, want := mustRows(t, db, live), mustRows(t, db, plain)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%s\nis %q\nnot %q", live, got, want)
		}
	})
}

func quotedColumns(t *rapid.T, db *query.DB, table string) (names []string) {
	schema, err := db.Schema()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(schema.Tables, func(s query.TableSchema) bool { return s.Name == table })
	for _, c := range schema.Tables[i].Columns {
		names = append(names, query.Quoted(c))
	}
	return names
}
