package sqlite

import (
	"testing"

	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// TestMembersAgree compares objects with those that SQLite makes of the same columns.
func TestMembersAgree(t *testing.T) {
	conn, err := sqlite.OpenConn(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // in memory
	p := &Probe{conn: conn}
	v := &table.Table{Name: "v", Cols: []table.Column{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
	m := &table.Members{Names: []string{"a", "b b", "c"}, Values: []string{p.Key("v", &v.Cols[0]), `v."b"`, "nullif(v.c, '')"}}
	values, join := p.membersOf(v, m)
	sql := "SELECT " + p.Members(m.Names, m.Values) + " FROM (SELECT ?1 AS a, ?2 AS b, ?3 AS c) AS v"
	raw := "SELECT " + values[0] + ", " + values[1] + ", " + values[2] + " FROM (SELECT ?1 AS a, ?2 AS b, ?3 AS c) AS v"
	value := rapid.Custom(func(t *rapid.T) cell.Value {
		v := cell.Value{Kind: cell.Kind(rapid.IntRange(0, 4).Draw(t, "kind"))}
		v.Num = rapid.Int64().Draw(t, "integer")
		v.Real = rapid.SampledFrom([]float64{0, -2.5, 1e99, 3}).Draw(t, "real")
		v.B = []byte(rapid.StringOf(rapid.RuneFrom([]rune("aé😀\"\\'/<&\x00\x01\b\t\n\v\f\r\x1f\x7f{"))).Draw(t, "text"))
		if rapid.IntRange(0, 9).Draw(t, "invalid") == 0 {
			v.B = append(v.B, 0xff)
		}
		return v
	})
	rapid.Check(t, func(t *rapid.T) {
		of := []cell.Value{value.Draw(t, "a"), value.Draw(t, "b"), value.Draw(t, "c")}
		read := func(sql string, n int) []cell.Value {
			stmt, err := conn.Prepare(sql)
			if err != nil {
				t.Fatal(err)
			}
			for i := range of {
				bindValue(stmt, i+1, &of[i])
			}
			if _, err := stmt.Step(); err != nil {
				t.Fatal(err)
			}
			out := make([]cell.Value, n)
			for i := range out {
				p.readColumn(stmt, i, &out[i])
			}
			if err := stmt.Reset(); err != nil {
				t.Fatal(err)
			}
			return out
		}
		want := read(sql, 1)[0]
		var got cell.Value
		if err := join(read(raw, 3), &got); err != nil {
			t.Fatal(err)
		}
		if got.Kind != want.Kind || got.Kind != cell.Null && string(got.B) != string(want.B) {
			t.Errorf("%v %q, want %v %q", got.Kind, got.B, want.Kind, want.B)
		}
	})
}
