/** The search field: whoever wants to type in it counts up. */
export const searchField = $state({ wanted: 0 });
