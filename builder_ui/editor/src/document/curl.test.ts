import { describe, expect, test } from "vitest";
import { requestOf } from "./curl";
import { wordsOf } from "./shell";

describe("the words of a shell command", () => {
  test.each<[string, string[] | null]>([
    ["curl  a 'b c' \"d \\\"e\\\" \\f\" g\\ h", ["curl", "a", "b c", 'd "e" \\f', "g h"]],
    ["curl \\\n  -X POST \\\r\n  x", ["curl", "-X", "POST", "x"]],
    ["curl $'it\\'s\\n\\x41\\u00e9'", ["curl", "it's\nAé"]],
    ["curl --data='' x''y", ["curl", "--data=", "xy"]],
    ["curl a | jq .", ["curl", "a"]],
    ["curl http://x/?a=1&b=2", ["curl", "http://x/?a=1&b=2"]],
    ["curl 'never ends", null],
  ])("%j", (text, words) => expect(wordsOf(text)).toEqual(words));
});

describe("a cURL command becomes a request", () => {
  test("a plain address is asked for", () => {
    expect(requestOf("curl https://api.example/orders")).toEqual({ config: { method: "GET", url: "https://api.example/orders" }, left: [] });
    expect(requestOf("$ curl -sSL api.example")?.config).toEqual({ method: "GET", url: "http://api.example" });
  });

  test("what browsers copy: headers, JSON, and secrets left out by name", () => {
    const copied = `curl 'https://api.example/orders' \\
      -H 'Content-Type: application/json' -H 'X-Trace: a:b' -H 'Authorization: Bearer s3cret' -b 'session=1' \\
      --data-raw '{"order":"A-1","note":"{{ kept }}"}' --compressed`;
    expect(requestOf(copied)).toEqual({
      config: {
        method: "POST",
        url: "https://api.example/orders",
        headers: { "x-trace": "a:b" },
        json: { order: "A-1", note: "{{ '{{' }} kept }}" },
      },
      left: ["authorization", "--cookie"],
    });
    expect(JSON.stringify(requestOf(copied))).not.toContain("s3cret");
  });

  test("pairs are a form, or a query with -G", () => {
    expect(requestOf("curl -d a=1 -d 'b=x y' --data-urlencode 'c=ä&ö' -d a=2 http://x.example")?.config).toMatchObject({ method: "POST", form: { a: ["1", "2"], b: "x y", c: "ä&ö" } });
    expect(requestOf("curl -G -d a=1 http://x.example")?.config).toEqual({ method: "GET", url: "http://x.example", query: { a: "1" } });
  });

  test("a body of another kind is sent as it is, with its kind", () => {
    expect(requestOf("curl -XPUT http://x.example -H 'content-type: text/csv' --data-binary $'a,b\\n1,2' -m 5")?.config).toEqual({
      method: "PUT",
      url: "http://x.example",
      headers: { "content-type": "text/csv" },
      body: "a,b\n1,2",
      timeout: "5s",
    });
  });

  test("what a request can't have is named", () => {
    expect(requestOf("curl -u ann:pw -F file=@a.png -d @big.json --insecure https://ann:pw@x.example/y")).toEqual({
      config: { method: "GET", url: "https://x.example/y" },
      left: ["--user", "--form", "--data @big.json", "--insecure", "user:password@"],
    });
  });

  test.each(["wget x", "curl", "curl 'open", "curl -X POST", "curly x"])("%j is none", (text) => expect(requestOf(text)).toBeNull());
});
