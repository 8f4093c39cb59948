/** Searching everything: before anything is typed, results, nothing found, filters, saving. */

const search = (text = "") => ({
  scenario: "connected",
  hash: `#/search${text && `?q=${encodeURIComponent(text)}`}`,
});
const results = "[data-testid=search-results]";

export const SEARCH_VIEWS = [
  { name: "search-start", ...search() },
  {
    name: "search-words-nobody-said",
    ...search("handover notes from"),
    ready: "[data-testid=search-nothing]",
  },
  { name: "search-many", ...search("clinic "), ready: results },
  {
    name: "search-filtered",
    ...search('walking tag:"clinic study" from:"Priya Raman" -sync after:1y '),
    ready: results,
  },
  {
    name: "search-nothing",
    ...search("handover zebra tag:usability "),
    ready: "[data-testid=search-nothing]",
  },
  {
    name: "search-filters",
    ...search("clinic "),
    ready: results,
    act: async (page) => {
      await page.getByTestId("search-add-filter").click();
      await page.getByRole("button", { name: "booking flow" }).waitFor();
    },
  },
  {
    name: "search-saving",
    ...search("clinic "),
    ready: results,
    act: async (page) => {
      await page.getByTestId("search-save").click();
      await page.getByTestId("search-save-name").fill("Clinic");
    },
  },
  {
    name: "search-opened",
    ...search('"walking over" '),
    ready: results,
    act: async (page) => {
      await page.getByTestId("search-hit").first().click();
      await page.locator("[data-testid=transcript-cue] mark").first().waitFor();
    },
  },
];
