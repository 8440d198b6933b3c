package subject

import (
	"encoding/json"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	goccy "github.com/goccy/go-json"
	segmentio "github.com/segmentio/encoding/json"
)

func stdUnmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

func v2Unmarshal(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }

func sonicUnmarshal(data []byte, v any) error { return sonic.Unmarshal(data, v) }

func sonicFastestUnmarshal(data []byte, v any) error {
	return sonic.ConfigFastest.Unmarshal(data, v)
}

func goccyUnmarshal(data []byte, v any) error { return goccy.Unmarshal(data, v) }

func segmentioUnmarshal(data []byte, v any) error { return segmentio.Unmarshal(data, v) }
