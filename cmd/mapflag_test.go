package cmd

import "testing"

func TestMapFlag(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"stream=s,version=v", "stream=s,version=v"},
		{`stream="a,b"+c,type='x,''y',version=#pos`, `stream="a,b"+c,type='x,''y',version=#pos`},
		{`"stream=a,b",version=v`, "stream=a,b,version=v"},
		{`"data=""a,b""+c",type=t`, `data="a,b"+c,type=t`},
		{`"stream=say ""hi"""`, `stream=say "hi"`},
		{"stream=it's,version=v", "stream=it's,version=v"},
		{"type=body:\"/a,b\"", "type=body:\"/a,b\""},
		{"stream", "stream must be formatted as key=value"},
		{`type='open,version=v`, `a quote does not end in type='open,version=v`},
	} {
		var m mapFlag
		got := ""
		if err := m.Set(c.text); err != nil {
			got = err.Error()
		} else {
			got = m.String()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}
