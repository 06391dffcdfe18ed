package dialect

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/jsonfile"
	"asof/replay/store/sqlite"
)

// An ocelReading loads the objects and events of a file into tables.
type ocelReading struct {
	db      *sqlite.Probe
	split   *jsonfile.Splitter
	scan    cell.Scanner
	inserts map[string]*sqlite.Insert
	left    ocelLeft
}

func (x *ocelReading) run() error {
	if err := x.db.Exec(ocelJSONTables...); err != nil {
		return err
	}
	if err := x.object(); err != nil {
		return err
	}
	return x.db.Exec(ocelJSONOrder...)
}

func (x *ocelReading) release() {
	for _, i := range x.inserts {
		i.Close()
	}
}

// insert runs an INSERT and reports whether it added a row.
func (x *ocelReading) insert(sql string, args ...any) (bool, error) {
	i := x.inserts[sql]
	if i == nil {
		var err error
		if i, err = x.db.Insert(sql); err != nil {
			return false, err
		}
		x.inserts[sql] = i
	}
	return i.Run(args...)
}

// object reads the outermost object.
func (x *ocelReading) object() error {
	s := x.split
	if _, err := s.AtLeast(len(jsonfile.UTF8BOM)); err != nil {
		return err
	}
	if bytes.HasPrefix(s.Rest(), jsonfile.UTF8BOM) {
		s.Start += len(jsonfile.UTF8BOM)
	}
	for separator := byte('{'); ; separator = ',' {
		c, err := s.SkipSpace()
		if err == nil && c == '}' && separator == ',' {
			s.Start++
			if _, err = s.SkipSpace(); err == nil && len(s.Rest()) > 0 {
				err = s.Fault("the end of the file")
			}
			return err
		}
		if err := x.pass(separator); err != nil {
			return err
		}
		key, err := x.value()
		if err == nil {
			err = x.pass(':')
		}
		if err != nil {
			return err
		}
		switch string(key) {
		case `"events"`:
			err = x.elements(x.event)
		case `"objects"`:
			err = x.elements(x.ocelObject)
		default:
			_, err = x.value()
		}
		if err != nil {
			return err
		}
	}
}

// pass consumes the next byte, which must be want.
func (x *ocelReading) pass(want byte) error {
	c, err := x.split.SkipSpace()
	if err != nil {
		return err
	}
	if c != want {
		return x.split.Fault(fmt.Sprintf("'%c'", want))
	}
	x.split.Start++
	return nil
}

// value consumes a value of any kind and returns its text.
func (x *ocelReading) value() ([]byte, error) {
	s := x.split
	if _, err := s.SkipSpace(); err != nil {
		return nil, err
	}
	for {
		n, ok := cell.SkipJSON(s.Rest(), 0)
		if ok && n < len(s.Rest()) || s.EOF {
			t, err := s.Take(max(n, 0), s.EOF)
			if err == nil {
				if f := x.scan.Document(t.Text); f != nil {
					err = t.Place(f)
				}
			}
			return bytes.Clone(t.Text), err
		}
		if err := s.Fill(); err != nil {
			return nil, err
		}
	}
}

// elements reads an array of objects.
func (x *ocelReading) elements(each func([]cell.Member) error) error {
	for separator := byte('['); ; separator = ',' {
		if err := x.pass(separator); err != nil {
			return err
		}
		c, err := x.split.SkipSpace()
		if err != nil {
			return err
		}
		if separator != '[' || c != ']' {
			if err := x.element(each); err != nil {
				return err
			}
			if c, err = x.split.SkipSpace(); err != nil {
				return err
			}
		}
		if c == ']' {
			x.split.Start++
			return nil
		}
	}
}

func (x *ocelReading) element(each func([]cell.Member) error) error {
	n, closed, err := x.split.ObjectLength()
	if err != nil {
		return err
	}
	t, err := x.split.Take(n, !closed)
	if err != nil {
		return err
	}
	members, f := x.scan.Object(t.Text)
	if f == nil {
		if err = each(members); err == nil {
			return nil
		}
		f = &cell.TextError{Msg: err.Error()}
	}
	return t.Place(f)
}

// texts returns the texts of required members.
func texts(members []cell.Member, keys ...string) ([]any, error) {
	var out []any
	for _, key := range keys {
		m := cell.MemberNamed(members, key)
		if m == nil {
			return nil, fmt.Errorf("it has no %s", key)
		}
		text, f := m.Label()
		if f != nil {
			return nil, f
		}
		out = append(out, string(text))
	}
	return out, nil
}

func (x *ocelReading) event(members []cell.Member) error {
	e, err := texts(members, "id", "type", "time")
	if err != nil {
		return fmt.Errorf("an event: %w", err)
	}
	var data ocelValues
	err = eachObject(members, "attributes", func(a []cell.Member) error { return data.add(a) })
	if err != nil {
		return fmt.Errorf("event %s: %w", e[0], err)
	}
	e = append(e, data.object())
	added, err := x.insert("INSERT OR IGNORE INTO events VALUES(?1, ?2, ?3, ?4)", e...)
	if err == nil && !added {
		if x.left.again++; x.differs(e) {
			err = fmt.Errorf("event %s appears twice, and the two differ", e[0])
		}
	}
	if err != nil {
		return err
	}
	return eachObject(members, "relationships", func(r []cell.Member) error {
		object, err := texts(r, "objectId")
		if err != nil {
			return fmt.Errorf("event %s: a relationship: %w", e[0], err)
		}
		how, err := texts(r, "qualifier")
		if err != nil {
			how = []any{""}
		}
		_, err = x.insert("INSERT OR IGNORE INTO about VALUES(?1, ?2, ?3)", e[0], object[0], how[0])
		return err
	})
}

// differs reports whether the loaded event with that id has other contents.
func (x *ocelReading) differs(e []any) bool {
	same := false
	err := x.db.EachRow(1, "SELECT 1 FROM events WHERE id = ?1 AND type = ?2 AND time = ?3 AND data = ?4", e, func([]cell.Value) error {
		same = true
		return nil
	})
	return err != nil || !same
}

// ocelObject loads an object and its attributes. The initial attributes, dated 1970,
// are one change. Each later change is separate.
func (x *ocelReading) ocelObject(members []cell.Member) error {
	o, err := texts(members, "id", "type")
	if err != nil {
		return fmt.Errorf("an object: %w", err)
	}
	added, err := x.insert("INSERT OR IGNORE INTO objects VALUES(?1, ?2)", o...)
	if err != nil || !added {
		return err
	}
	var first ocelValues
	var since any
	change := func(time any, v *ocelValues) error {
		_, err := x.insert("INSERT INTO changes VALUES(NULL, ?1, ?2, ?3)", o[0], time, v.object())
		return err
	}
	err = eachObject(members, "attributes", func(a []cell.Member) error {
		time, err := texts(a, "time")
		if err != nil {
			return err
		}
		if strings.HasPrefix(time[0].(string), "1970-01-01") {
			since = time[0]
			return first.add(a)
		}
		var later ocelValues
		if err := later.add(a); err != nil {
			return err
		}
		return change(time[0], &later)
	})
	if err == nil && since != nil {
		err = change(since, &first)
	}
	if err == nil {
		err = eachObject(members, "relationships", func([]cell.Member) error {
			x.left.relations++
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("object %s: %w", o[0], err)
	}
	return nil
}

// ocelValues collects attributes, as written, for an object.
type ocelValues struct {
	names  []string
	values [][]byte
}

func (v *ocelValues) add(attribute []cell.Member) error {
	name, err := texts(attribute, "name")
	if err != nil {
		return fmt.Errorf("an attribute: %w", err)
	}
	value := cell.NullText
	if m := cell.MemberNamed(attribute, "value"); m != nil {
		value = m.Value
	}
	for i, n := range v.names {
		if n == name[0] { // the last one counts
			v.values[i] = value
			return nil
		}
	}
	v.names, v.values = append(v.names, name[0].(string)), append(v.values, value)
	return nil
}

func (v *ocelValues) object() string {
	b := []byte{'{'}
	for i, name := range v.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(cell.AppendJSON(b, name), ':'), v.values[i]...)
	}
	return string(append(b, '}'))
}

// eachObject calls each for the objects of an array, which may be missing.
func eachObject(members []cell.Member, key string, each func([]cell.Member) error) error {
	m := cell.MemberNamed(members, key)
	if m == nil {
		return nil
	}
	if m.Value[0] != '[' {
		return m.Fault("an array")
	}
	for i := cell.SkipSpaces(m.Value, 1); i < len(m.Value) && m.Value[i] != ']'; {
		end, ok := cell.SkipJSON(m.Value, i)
		if !ok {
			return io.ErrUnexpectedEOF
		}
		inner, ok := cell.WalkObject(m.Value[i:end], nil)
		if !ok {
			return m.Fault("an array of objects")
		}
		if err := each(inner); err != nil {
			return err
		}
		if i = cell.SkipSpaces(m.Value, end); i < len(m.Value) && m.Value[i] == ',' {
			i = cell.SkipSpaces(m.Value, i+1)
		}
	}
	return nil
}
