// caught by: event-store-stands-alone
import { show } from "../../client/src/show.ts";

show();
