/** The fake's way to Zoom: a proxy that wants a password, whatever its address. */
import type { Event, NetworkTest, ProxyDraft, ProxySettings } from "../types";
import type { FakeOptions } from "./scenario";
import { error, OFFLINE, type FakeState } from "./state";

const HOST = "api.zoom.us";

export class FakeNetwork {
  constructor(
    private readonly state: FakeState,
    private readonly options: FakeOptions,
    private readonly emit: (event: Event) => void,
  ) {}

  save(draft: ProxyDraft): ProxySettings {
    const before = this.state.proxy;
    this.state.proxy =
      draft.mode === "custom"
        ? {
            mode: "custom",
            address: checked(draft.address),
            username: draft.username,
            has_password: draft.password !== null || this.keeps(draft),
            source: "settings",
          }
        : { ...before, mode: draft.mode, source: "settings" };
    this.state.appInfo.barred = null;
    this.emit({ event: "settings_changed" });
    return this.state.proxy;
  }

  test(draft: ProxyDraft | null): NetworkTest {
    if (this.options.scenario === "offline") throw OFFLINE;
    if (this.state.appInfo.barred) throw this.state.appInfo.barred;
    const { mode, address } = draft ?? this.state.proxy;
    if (mode !== "custom") return { host: HOST, proxy: null, seconds: 0.21 };
    const proxy = checked(address);
    if (draft ? draft.password === null && !this.keeps(draft) : !this.state.proxy.has_password) {
      throw error(
        "proxy_password",
        `The proxy ${proxy} asks for a user name and a password`,
        "enter them in the settings, under Network",
        { proxy, host: HOST, signed_in: "no" },
        "tunnel error: proxy authorization required",
      );
    }
    return { host: HOST, proxy, seconds: 0.34 };
  }

  private keeps(draft: ProxyDraft): boolean {
    const { address, username, has_password } = this.state.proxy;
    return has_password && address === draft.address && username === draft.username;
  }
}

function checked(address: string | null): string {
  if (address && /^(https?|socks5h?):\/\/[\w.-]+(:\d+)?$/.test(address)) return address;
  throw error(
    "usage",
    "The proxy's address is not an address",
    "give it like http://proxy.example:3128; https:// and socks5:// work too",
  );
}
