package js

import (
	"context"
	"fmt"

	"github.com/dop251/goja"

	"asof/replay"
)

// Partition returns the event's partition by foreachStream or partitionBy. A
// projection without either has one partition, whose name is empty.
func (s *Script) Partition(ev *replay.Event) (name string, ok bool, err error) {
	switch {
	case s.def.byStream:
		if s.isDeletion(ev) {
			stream, _, _ := ev.Deletes()
			return string(stream), true, nil
		}
		return string(ev.Stream), true, nil
	case s.def.perEvent == nil:
		return "", true, nil
	}
	if err := s.e.watch.limits.ended(); err != nil {
		return "", false, err
	}
	if q := s.quick.perEvent; q != nil && s.e.broken == nil {
		if name, done := q.Name(ev); done {
			return name, true, nil
		}
	}
	err = s.call(context.Background(), nil, ev, func() error {
		name, ok, err = s.askPartition(s.e.event)
		return err
	})
	return name, ok, err
}

// askPartition calls partitionBy's function, for which e.partition is empty.
func (s *Script) askPartition(o *eventObject) (name string, ok bool, err error) {
	s.naming = true
	defer func() { s.naming = false }()
	v, err := s.def.perEvent(goja.Undefined(), o.obj)
	if err != nil {
		return "", false, err
	}
	name, ok = partitionName(v)
	return name, ok, nil
}

// partitionValue returns the event's field partition.
func (s *Script) partitionValue(o *eventObject) goja.Value {
	switch {
	case s.def.byStream:
		return o.Get("streamId")
	case s.naming:
		return s.e.rt.ToValue("")
	}
	name, ok, err := s.askPartition(o)
	if err != nil {
		panic(err)
	}
	if !ok {
		return goja.Undefined()
	}
	return s.e.text(name)
}

// partitionName returns the name that partitionBy's function returned: a string or
// a number. Other values name no partition.
func partitionName(v goja.Value) (string, bool) {
	if v != nil && (goja.IsString(v) || goja.IsNumber(v)) {
		return stringOf(v), true
	}
	if o, ok := v.(*goja.Object); ok && (o.ExportType() == typeExact || o.ExportType() == typeDecimal) {
		return fmt.Sprint(o), true
	}
	return "", false
}

// ByStream reports whether each stream is a partition, as foreachStream has it.
func (s *Script) ByStream() bool { return s.def.byStream }
