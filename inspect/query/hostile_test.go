package query_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// hostileNames are names of streams, types and members that SQL or a table has a use for.
var hostileNames = []string{
	"a'b", `a"b`, "a]b", "[a", "`", "a\x00b", "a\nb", "", " ", "a\x1fb", "%_", "--", "*/", "a;b", "\u202e", "𝒳",
	"stream", "state", "event_stream", "Stream", "STATE", "total", "Total", "TOTAL", "total_2", "version", "as_of", "cart", "this", "error",
	"value", "rowid", "_rowid_", "oid", "since_time", "until_position", "changed", "op", "path", "from", "to", "select", "proj:cart", "id:1", "s@3",
	"\x00value", "1", "1e5",
}

// hostileHistory draws events of streams, types and members with such names.
func hostileHistory(t *rapid.T) (events []replay.Event) {
	name := rapid.SampledFrom(hostileNames)
	streams := rapid.SliceOfNDistinct(name, 1, 4, rapid.ID).Draw(t, "streams")
	versions := map[string]replay.Version{}
	for i := range rapid.IntRange(1, 15).Draw(t, "events") {
		stream := "s" + rapid.SampledFrom(streams).Draw(t, "stream")
		versions[stream]++
		values := []string{"1", "-2.50", "null", `"te''xt\u0000\""`, `[1,{"a":[]}]`, `{"x":1}`, "12345678901234567890", "0.1", "true", `""`, "1e400"}
		data := map[string]json.RawMessage{}
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			data[name.Draw(t, "member")] = json.RawMessage(rapid.SampledFrom(values).Draw(t, "value"))
		}
		body, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, replay.Event{
			Stream: replay.StreamID(stream), Category: "c" + name.Draw(t, "category"), Position: replay.Position(i + 1), Version: versions[stream],
			ID: fmt.Sprint("id", i), Type: name.Draw(t, "type"), Data: body, Time: time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC),
		})
	}
	for i := range events { // a stream is in one category
		j := slices.IndexFunc(events, func(e replay.Event) bool { return e.Stream == events[i].Stream })
		events[i].Category = events[j].Category
	}
	return events
}

// subjectOf is a stream by itself, as every other verb reads it.
func subjectOf(r replay.Reader, id replay.StreamID) replay.Subject {
	return replay.Subject{
		Timeline: &replay.Timeline{Name: string(id), Reader: r, Filter: replay.Filter{Streams: []replay.StreamID{id}}},
		Fold:     replay.Fold{Reducer: fold.Merge()},
	}
}

// TestHostileNames holds every table over hostile names to replay, the log of changes and
// blame of each stream, with conditions that are pushed down and without.
func TestHostileNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := hostileHistory(t)
		r := storetest.Memory(events)
		db := openDB(t, events, "", func(s *query.Source) {
			s.Projections[0].Of = func(ctx context.Context, stream, at string) (replay.Subject, replay.Moment, error) {
				subject := subjectOf(r, replay.StreamID(stream))
				p, err := replay.ParsePoint(at, s.Env)
				if err != nil {
					return subject, replay.Moment{}, err
				}
				m, _, err := subject.Timeline.Resolve(ctx, p)
				return subject, m, err
			}
		})
		defer db.Close()
		schema, err := db.Schema()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, c := range schema.Tables[2].Columns {
			if seen[strings.ToLower(c)] {
				t.Fatalf("two columns %q", c)
			}
			seen[strings.ToLower(c)] = true
		}
		var states, trail, changes []string
		for _, s := range mustRows(t, db, "SELECT hex(stream) FROM streams ORDER BY stream") {
			id := replay.StreamID(unhex(t, s))
			last := ""
			for step, err := range subjectOf(r, id).Run(t.Context(), replay.FoldOptions{Changes: true}) {
				if err != nil {
					t.Fatal(err)
				}
				last = fmt.Sprintf("%x %d %x %x", string(id), step.Event.Version, step.Event.Type, state.AppendSorted(nil, step.Root))
				trail = append(trail, last)
				for _, c := range step.Changes {
					changes = append(changes, fmt.Sprintf("%x %d %s %x", string(id), step.Event.Version, c.Op, c.Path))
				}
			}
			states = append(states, last)
			checkBlame(t, db, r, id)
		}
		const version = "lower(hex(stream)) || ' ' || version || ' ' || "
		for table, want := range map[string][]string{
			"SELECT " + version + "(SELECT lower(hex(type)) FROM events e WHERE e.stream = x.stream AND e.version = x.version) || ' ' || lower(hex(state)) FROM cart x": states,
			"SELECT " + version + "lower(hex(type)) || ' ' || lower(hex(state)) FROM cart_history x":                                                                    trail,
			"SELECT " + version + "op || ' ' || lower(hex(path)) FROM cart_changes x":                                                                                   changes,
		} {
			slices.Sort(want)
			for _, where := range []string{"", " JOIN streams s USING (stream, category)", " WHERE stream IN (SELECT stream FROM streams)"} {
				sql := strings.ReplaceAll(table, version, strings.ReplaceAll(version, "version", "x.version")) + where
				got := mustRows(t, db, sql)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Fatalf("%s\nis   %q\nwant %q", sql, got, want)
				}
			}
		}
		checkMembers(t, db, schema.Tables[2].Columns)
	})
}

// TestDeepState: a state of 10,000 levels is a value like another.
func TestDeepState(t *testing.T) {
	const levels = 10_000
	deep := strings.Repeat(`{"a":[`, levels/2) + strings.Repeat("]}", levels/2)
	db := openDB(t, []replay.Event{event("cart-1", 1, 1, "Set", `{"deep":`+deep+`}`), event("cart-1", 2, 2, "Set", `{"n":1}`)}, "")
	defer db.Close()
	for sql, want := range map[string]string{
		"SELECT deep FROM cart":                                deep,
		"SELECT state FROM cart_history":                       `{"deep":` + deep + "}|" + `{"deep":` + deep + `,"n":1}`,
		`SELECT "to" FROM cart_changes WHERE path = '/deep'`:   deep,
		"SELECT member(state, '/deep/a/0/a/0') = '' FROM cart": "0",
		"SELECT error FROM cart":                               "<nil>",
	} {
		if got := strings.Join(mustRows(t, db, sql), "|"); got != want {
			t.Errorf("%s is %.200q, %d bytes, want %d", sql, got, len(got), len(want))
		}
	}
}

func unhex(t *rapid.T, text string) string {
	var b []byte
	for i := 0; i < len(text); i += 2 {
		c, err := strconv.ParseUint(text[i:i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, byte(c))
	}
	return string(b)
}

// checkBlame compares the function blame with the verb, for each member of a state.
func checkBlame(t *rapid.T, db *query.DB, r replay.Reader, id replay.StreamID) {
	subject := subjectOf(r, id)
	var root state.Value
	var last replay.Moment
	for step, err := range subject.Run(t.Context(), replay.FoldOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		root, last = step.Root, step.Event.Moment()
	}
	if root.Node() == nil || root.Node().Kind() != state.Object {
		return
	}
	root.Node().Each(func(key string, _ state.Value) bool {
		path := "/" + state.EscapeToken(key)
		b, err := inspect.Blame(t.Context(), subject, replay.Interval{To: last}, path)
		if err != nil {
			t.Fatal(err)
		}
		want := "<nil>"
		if by := b.Root().Last(); by != nil && by.Event != nil {
			want = fmt.Sprint(by.Event.Version)
		}
		got := mustRows(t, db, fmt.Sprintf("SELECT blame(cart, CAST(x'%x' AS TEXT)) ->> 'version' FROM cart WHERE hex(stream) = '%X'", path, string(id)))
		if len(got) != 1 || got[0] != want {
			t.Fatalf("%s of %q was set by %q, want %s", path, id, got, want)
		}
		return true
	})
}

// checkMembers holds each column of a member to the member in the state that is JSON.
func checkMembers(t *rapid.T, db *query.DB, columns []string) {
	var quoted []string
	for _, c := range columns {
		quoted = append(quoted, query.Quoted(c))
	}
	answer, err := db.Query("SELECT state, " + strings.Join(quoted, ", ") + " FROM cart")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range answer.Rows {
		if err != nil {
			t.Fatal(err)
		}
		if row[0] == nil {
			continue
		}
		root, err := state.Parse([]byte(row[0].(string)))
		if err != nil {
			t.Fatal(err)
		}
		members, values := 0, 0
		root.Node().Each(func(key string, v state.Value) bool {
			if !strings.Contains(key, "\x00") && v.Kind() != state.Null {
				members++
			}
			return true
		})
		for _, v := range row[1+slices.Index(columns, "state")+1:] {
			if v != nil {
				values++
			}
		}
		if members != values {
			t.Fatalf("%d members and %d values: %q %q", members, values, columns, row)
		}
	}
}

// TestMoreMembersThanColumns: a note says where the members are that are no column.
func TestMoreMembersThanColumns(t *testing.T) {
	for _, n := range []int{query.MostMembers - 1, query.MostMembers + 1} {
		data := []byte(`{"m0":0`)
		for i := 1; i < n; i++ {
			data = fmt.Appendf(data, `,"m%d":%d`, i, i)
		}
		var notes []string
		db := openDB(t, []replay.Event{event("s", 1, 1, "Set", string(data)+"}")}, "", func(s *query.Source) {
			s.Note = func(n replay.Notice) { notes = append(notes, string(n.Code)) }
		})
		defer db.Close()
		for _, sql := range []string{"SELECT * FROM cart", fmt.Sprintf("SELECT member(state, '/m%d') FROM cart", n-1)} {
			rows, err := rowsOf(db, sql)
			if err != nil || len(rows) != 1 || !strings.Contains(rows[0], strconv.Itoa(n-1)) {
				t.Errorf("%d members: %s is %d rows, %v", n, sql, len(rows), err)
			}
		}
		if said := slices.Contains(notes, "columns"); said != (n > query.MostMembers) {
			t.Errorf("%d members: notes %q", n, notes)
		}
	}
}
