package exec

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"asof/replay/state"
)

func TestParseCommand(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
		err  string
	}{
		{"python fold.py", []string{"python", "fold.py"}, ""},
		{" a\t b\n", []string{"a", "b"}, ""},
		{`a 'b c' "d e"`, []string{"a", "b c", "d e"}, ""},
		{`a'b c'"d e"f`, []string{"ab cd ef"}, ""},
		{`a '' ""`, []string{"a", "", ""}, ""},
		{`a "\"\\\n$x" '\"'`, []string{"a", `"\\n$x`, `\"`}, ""},
		{`a\ b \'c \\`, []string{"a b", "'c", `\`}, ""},
		{"a $HOME *.py | b; c", []string{"a", "$HOME", "*.py", "|", "b;", "c"}, ""},
		{"", nil, "the command is empty"},
		{" ", nil, "the command is empty"},
		{"'' a", nil, "the command is empty"},
		{"a 'b", nil, "the command has a ' without its pair"},
		{`a "b\"`, nil, `the command has a " without its pair`},
		{`a \`, nil, `the command ends in a \`},
		{"a '\x00'", nil, "the command has a zero byte"},
	} {
		got, err := ParseCommand(c.line)
		if fmt.Sprint(err) != c.err && (err != nil || c.err != "") || !reflect.DeepEqual(got, c.want) {
			t.Errorf("ParseCommand(%q) = %q, %v", c.line, got, err)
		}
	}
}

func FuzzParseCommand(f *testing.F) {
	f.Add(`python 'my fold.py' "a\"b" c\ d`)
	f.Fuzz(func(t *testing.T, line string) {
		words, err := ParseCommand(line)
		if err != nil {
			return
		}
		// Words that are quoted come back as they were.
		var again strings.Builder
		for _, w := range words {
			again.WriteString(` '` + strings.ReplaceAll(w, `'`, `'\''`) + `'`)
		}
		got, err := ParseCommand(again.String())
		if err != nil || !reflect.DeepEqual(got, words) {
			t.Errorf("%q gave %q; quoted as %s they give %q, %v", line, words, again.String(), got, err)
		}
	})
}

func FuzzExecAnswer(f *testing.F) {
	for _, line := range []string{
		`{"state":{"a":[1]}}`, `{"unchanged":true}`, `{"unhandled":true}`, `{"error":"x"}`, `[]`, `{`, "",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var p state.Parser
		a, err := parseAnswer(&p, line)
		if err == nil {
			if a.kind == answerState && a.state.IsAbsent() {
				t.Error("an answer without its state")
			}
			return
		}
		var reported *reportedError
		var wrong *answerError
		if !errors.As(err, &reported) && !errors.As(err, &wrong) {
			t.Fatalf("%#v", err)
		}
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("not fit for a terminal: %q", err)
		}
	})
}
