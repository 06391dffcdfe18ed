package cell

import (
	"testing"

	"asof/replay/state"
)

func TestColumnKinds(t *testing.T) {
	for typ, want := range map[string]ColumnKind{
		"varchar(40)": ColumnText, "uuid": ColumnText, "interval": ColumnText, "point": ColumnText, "int4range": ColumnText, "ARRAY": ColumnText,
		"": ColumnText, "integer unsigned": ColumnNumber, "double precision": ColumnNumber, "decimal": ColumnNumber, "bool": ColumnBool,
		"boolean": ColumnBool, "tinyint(1)": ColumnBool, "datetime(6)": ColumnTime, "timestamp with time zone": ColumnTime, "date": ColumnTime,
		"jsonb": ColumnJSON, "bytea": ColumnBytes, "BLOB": ColumnBytes,
	} {
		if got := KindOf(typ); got != want {
			t.Errorf("%q is of kind %d, want %d", typ, got, want)
		}
	}
}

func TestSameValuesOfColumns(t *testing.T) {
	for _, tt := range []struct {
		kind           ColumnKind
		recorded, live string
		want           bool
	}{
		{ColumnText, `"a"`, `"a"`, true},
		{ColumnText, `"a"`, `"b"`, false},
		{ColumnText, `"1.0"`, `"1"`, false},
		{ColumnText, `"2026-03-01T09:00:00Z"`, `"2026-03-01 09:00:00"`, false},
		{ColumnText, `null`, `""`, false},
		{ColumnText, `null`, `"null"`, false},
		{ColumnText, `5`, `"5"`, true},
		{ColumnText, `{"a": 1}`, `"{\"a\":1.0}"`, true},
		{ColumnText, `"[1]"`, `"[1] "`, false},
		{ColumnNumber, `"12.50"`, `12.5`, true},
		{ColumnNumber, `"12.50"`, `12.51`, false},
		{ColumnNumber, `true`, `1`, true},
		{ColumnNumber, `null`, `0`, false},
		{ColumnNumber, `"9007199254740993"`, `9007199254740992`, false},
		{ColumnBool, `true`, `1`, true},
		{ColumnBool, `"f"`, `false`, true},
		{ColumnBool, `false`, `1`, false},
		{ColumnBool, `false`, `null`, false},
		{ColumnTime, `"2026-03-01T09:00:00.123Z"`, `"2026-03-01 09:00:00.123000"`, true},
		{ColumnTime, `"2026-03-01T09:00:00.123Z"`, `"2026-03-01 09:00:00.123999"`, true},
		{ColumnTime, `"2026-03-01T09:00:00.123Z"`, `"2026-03-01 09:00:00"`, false},
		{ColumnTime, `"2026-03-01T09:00:00.124Z"`, `"2026-03-01 09:00:00.123999"`, false},
		{ColumnTime, `"2026-03-01T09:00:00Z"`, `"2026-03-01 09:00:00.500000"`, false},
		{ColumnTime, `"2026-03-01 10:00:00+01"`, `"2026-03-01T09:00:00Z"`, true},
		{ColumnTime, `"2026-03-01"`, `"2026-03-02"`, false},
		{ColumnTime, `"soon"`, `"later"`, false},
		{ColumnTime, `""`, `null`, false},
		{ColumnJSON, `"{\"a\": [1, 2]}"`, `{"a": [1, 2]}`, true},
		{ColumnJSON, `"{\"a\": [1, 2]}"`, `{"a": [2, 1]}`, false},
		{ColumnJSON, `"x"`, `"y"`, false},
		{ColumnBytes, `"\\x00ff"`, `"AP8="`, true},
		{ColumnBytes, `"AP8="`, `"APA="`, false},
		{ColumnBytes, `"\\xzz"`, `"!"`, false},
	} {
		value := func(text string) state.Value {
			v, err := state.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if got := tt.kind.Comparer(nil)(value(tt.recorded), value(tt.live)); got != tt.want {
			t.Errorf("kind %d: %s and %s: %v", tt.kind, tt.recorded, tt.live, got)
		}
	}
}
