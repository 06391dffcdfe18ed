package mcp

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"asof/fixtures/demo"
	"asof/fixtures/write"
)

// TestEveryReplyHasItsMoment asks by every tool. Each reply says of which moment it is: that
// which was asked for, or the head.
func TestEveryReplyHasItsMoment(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	all := map[string]bool{}
	for _, tt := range []struct{ tool, arguments, at, want string }{
		{"describe_store", `{}`, "/data/as_of/position", "3500"},
		{"find_streams", `{"limit":2}`, "/data/as_of/position", "3500"},
		{"find_streams", `{"pattern":"nothing"}`, "/data/as_of/position", "3500"},
		{"find_streams", `{"sort":"events"}`, "/data/as_of/position", "3500"},
		{"find_streams", `{"where_state":"state.total < 0","at":"pos:2000"}`, "/data/as_of/position", "2000"},
		{"read_events", `{"limit":2}`, "/data/as_of/position", "3500"},
		{"read_events", `{"at":"pos:100..pos:200"}`, "/data/as_of/position", "200"},
		{"read_events", `{"at":"pos:100..pos:200"}`, "/data/after/position", "100"},
		{"read_events", `{"stream":"cart-42","limit":2}`, "/data/moment/version", "31"},
		{"read_events", `{"stream":"cart-42","at":"type:CouponApplied"}`, "/data/moment/version", "10"},
		{"read_events", `{"stream":"cart-42","at":"head~2..head~1","changes":true}`, "/data/after/version", "29"},
		{"read_events", `{"stream":"cart-42","at":"start"}`, "/data/moment/before_first_event", "true"},
		{"read_events", `{"stream":"cart-42","types":["Nothing"]}`, "/data/moment/version", "31"},
		{"state_at", `{"stream":"cart-42","at":"head~1"}`, "/data/moment/version", "30"},
		{"state_at", `{"stream":"cart-42","edits":[{"kind":"drop","version":3}]}`, "/data/moment/version", "31"},
		{"diff_states", `{"stream":"cart-42"}`, "/data/from/version", "30"},
		{"find_change", `{"stream":"cart-42","bad":"state.total < 0"}`, "/data/to/version", "31"},
		{"blame", `{"stream":"cart-42"}`, "/data/moment/version", "31"},
		{"blame", `{"stream":"cart-42","removed":true}`, "/data/moment/version", "31"},
		{"blame", `{"stream":"cart-42","path":"/total","history":true}`, "/data/moment/version", "31"},
		{"blame", `{"stream":"cart-42","path":"/total","why":true}`, "/data/moment/version", "31"},
		{"check", `{}`, "/data/as_of/position", "3500"},
		{"trace", `{"stream":"cart-42","at":"head~3"}`, "/data/asked/version", "28"},
		{"query", `{"sql":"SELECT 1"}`, "/data/as_of/position", "3500"},
		{"query", `{"tables":true,"at":"pos:7"}`, "/data/as_of/position", "7"},
	} {
		all[tt.tool] = true
		if a := asked(t, s, tt.tool, tt.arguments); a.Failed || a.at(tt.at) != tt.want {
			t.Errorf("%s %s: %s is %s, want %s: %s", tt.tool, tt.arguments, tt.at, a.at(tt.at), tt.want, a.Text)
		}
	}
	if len(all) < len(tools) {
		t.Errorf("only %v are asked", all)
	}
}

// TestPagesHaveTheirMoment follows a list that is cut into small pages.
func TestPagesHaveTheirMoment(t *testing.T) {
	s := newServer(t, Options{MaxBytes: leastBytes}, "odd.ndjson")
	arguments := `{"stream":"long","at":"7..250"}`
	for pages := 1; arguments != ""; pages++ {
		a := asked(t, s, "read_events", arguments)
		if a.at("/data/moment/version") != "250" || a.at("/data/after/version") != "7" {
			t.Fatalf("page %d is of %s after %s: %.300s", pages, a.at("/data/moment"), a.at("/data/after"), a.Text)
		}
		_, arguments = nextOf(t, a, "the rest")
	}
}

// TestWithoutPositions asks a store whose events have no order over all streams. Every tool
// answers that needs none, and names no moment of the store.
func TestWithoutPositions(t *testing.T) {
	s := newServer(t, Options{}, "shop.db")
	i := slices.IndexFunc(write.Dialects(), func(d write.Dialect) bool { return d.Name == "eventsourcing-sqlalchemy" && d.Variant == "applications" })
	path := filepath.Join(filepath.Dir(s.space.Path("x")), "apart.db")
	if err := write.Dialects()[i].Write(t.Context(), path, demo.Shop(300)); err != nil {
		t.Fatal(err)
	}
	s.o.Stores[0].Ref.Store, s.o.Stores[0].Args = "apart.db", []string{"apart.db"}
	for _, tt := range [][4]string{
		{"describe_store", `{}`, "/data/store/events", "300"},
		{"find_streams", `{"limit":3}`, "/about/shown", "3"},
		{"find_streams", `{"where_state":"false"}`, "/about/total", "0"},
		{"check", `{"bad":"false"}`, "/about/total", "0"},
		{"query", `{"sql":"SELECT count(*) AS n FROM events"}`, "/data/rows/0/n", "300"},
		{"query", `{"tables":true,"projection":"cart"}`, "/data/rows/0/table", strconv.Quote("events")},
	} {
		if a := asked(t, s, tt[0], tt[1]); a.at(tt[2]) != tt[3] || a.at("/data/as_of") != "null" {
			t.Errorf("%s %s: %s is %s, as of %s: %s", tt[0], tt[1], tt[2], a.at(tt[2]), a.at("/data/as_of"), a.Text)
		}
	}
	if a := asked(t, s, "query", `{"sql":"SELECT 1","at":"pos:3"}`); !a.Failed || !strings.Contains(a.Text, "has no positions") {
		t.Errorf("a moment of such a store is answered: %s", a.Text)
	}
}
