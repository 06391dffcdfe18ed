package cmd

import (
	"testing"
)

// TestPointsOfEveryVerb asks each verb about each kind of point, at the start, at the end,
// before and after the history: it answers or refuses, and none is a bug.
func TestPointsOfEveryVerb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	stream := [][]string{
		{"log"},
		{"log", "-p"},
		{"log", "--reverse"},
		{"log", "--path", "/total"},
		{"replay"},
		{"replay", "--step"},
		{"diff"},
		{"diff", "--stat"},
		{"blame"},
		{"blame", "--porcelain"},
		{"blame", "--reverse"},
		{"trace"},
		{"show"},
		{"bisect", "--bad", "state.total < 0"},
		{"shrink", "--bad", "state.total < 0"},
		{"whatif", "--drop", "10"},
	}
	store := [][]string{{"log", "--all"}, {"log", "--all", "-p"}, {"check"}, {"streams"}}
	points := []string{
		"start", "head", "head~30", "head~31", "head~32", "0", "1", "31", "32", "pos:0", "pos:1", "pos:9999999",
		"2000-01-01", "2099-01-01", "now", "type:CartOpened", "type:No", "id:no", "1..1", "head..head", "start..start",
		"..start", "start..", "head..", "head..start", "..2000-01-01", "2000-01-01..", "2099-01-01..", "head~31..", "", "..",
	}
	ask := func(line ...string) {
		if out, code := runHere(dir, append(line, "--no-cache")); code == exitBug {
			t.Errorf("asof %q\nexits %d:\n%s", line, code, out)
		}
	}
	for _, p := range points {
		for _, v := range stream {
			ask(append([]string{v[0], "shop", "cart-42@" + p}, v[1:]...)...)
		}
		ask("blame", "shop", "cart-42@"+p, "/total", "--history")
		for _, v := range store {
			ask(append([]string{v[0], "shop", "--at", p}, v[1:]...)...)
		}
		ask("diff", "shop", "--all", p, "head")
		ask("diff", "shop", "--all", "start", p)
	}
}
