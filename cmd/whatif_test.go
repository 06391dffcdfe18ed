package cmd

import (
	"encoding/json"
	"reflect"
	"testing"

	"asof/inspect/ask"
	"asof/inspect/whatif"
)

func TestWhatifParses(t *testing.T) {
	at := timelineOf("cart-1")
	at.At = "30"
	for _, tt := range []struct {
		args []string
		want ask.Whatif
	}{
		{
			[]string{"shop.db", "cart-1", "--drop", "23"},
			ask.Whatif{Timeline: timelineOf("cart-1"), Edits: []ask.Edit{{Kind: whatif.Drop, Version: 23, Text: "--drop 23"}}},
		},
		{
			[]string{"shop.db", "cart-1", "--swap", "12:13", "--set", "25:/data/a=b=1", "--path", "/total", "--at", "30"},
			ask.Whatif{Timeline: at, Path: "/total", Edits: []ask.Edit{
				{Kind: whatif.Swap, Version: 12, Other: 13, Text: "--swap 12:13"},
				{Kind: whatif.Set, Version: 25, Path: "/data/a=b", Value: json.RawMessage("1"), Text: "--set 25:/data/a=b=1"},
			}},
		},
		{
			[]string{"shop.db", "cart-1", "--insert", "after:28:a:b.json", "--insert", "after:start:c.json"},
			ask.Whatif{Timeline: timelineOf("cart-1"), Edits: []ask.Edit{
				{Kind: whatif.Insert, Version: 28, File: "a:b.json", Text: "--insert after:28:a:b.json"},
				{Kind: whatif.Insert, First: true, File: "c.json", Text: "--insert after:start:c.json"},
			}},
		},
	} {
		if got, err := parsed(t, newWhatifCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, flags := range [][]string{
		{"--drop", "x"},
		{"--swap", "3"},
		{"--swap", "3:3"},
		{"--set", "3:/data/qty=three"},
		{"--set", "3:a..b=1"},
		{"--insert", "28:a.json"},
		{"--insert", "after:28:"},
		{"--insert", "after:x:a.json"},
	} {
		if q, err := parsed(t, newWhatifCmd, append([]string{"shop.db", "cart-1"}, flags...)...); err == nil {
			t.Errorf("%q is %+v", flags, q)
		}
	}
}

func TestMergeReportsParses(t *testing.T) {
	got, err := parsed(t, newMergeReportsCmd, "1.json", "-")
	if want := (ask.MergeReports{Files: []string{"1.json", "-"}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the files are %+v, want %+v: %v", got, want, err)
	}
	if _, err := parsed(t, newMergeReportsCmd); exitCode(err) != exitUsage {
		t.Errorf("no file ends with %v", err)
	}
}
